import { expect, test } from 'vitest';
import { decode, ExpositionError } from '../../../../lambda/domain/exposition/decode.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What `decode` throws; fails where it throws nothing, or something else. */
function faultOf(bytes: Uint8Array): ExpositionError {
  try {
    decode(bytes);
  } catch (error) {
    if (error instanceof ExpositionError) return error;
    throw error;
  }
  throw new Error('no fault was found');
}

const NO_METRIC = 'no awscni_ metric (is this the Amazon VPC CNI?)';
const ENI = 'awscni_eni_max 4\n';
const LONG = 'x'.repeat(100);

/** By what is wrong: texts of one line, which the message shows; others with the line and what is shown of it. */
const FAULTS: Readonly<
  Record<string, readonly (string | readonly [text: string, line: number, shown: string])[]>
> = {
  'the answer is empty': [''],
  [NO_METRIC]: [
    '\n',
    '# EOF\n',
    'go_goroutines 25\n',
    'process_start_time_seconds 1.7e+09\n',
    '# TYPE awscni_eni_max gauge\n',
    'awscni_build_info{version="v1.21.1"} 1\n',
    'Forbidden\n',
  ],
  'not Prometheus text': [
    '404 page not found\n',
    ['<!DOCTYPE html>\n<html></html>\n', 1, '<!DOCTYPE html>'],
    [
      '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"error trying to reach service","code":503}',
      1,
      '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"error trying to…',
    ],
    [`${ENI}  {"awscni_ip_max"} 5\n`, 2, '  {"awscni_ip_max"} 5'],
    ['\uFEFFawscni_eni_max 4\n', 1, '\\u{feff}awscni_eni_max 4'],
    [`\x1b[31m${ENI}`, 1, '\\u{1b}[31mawscni_eni_max 4'],
    [`\0\u202e${ENI}`, 1, '\\u{0}\\u{202e}awscni_eni_max 4'],
    [`${ENI}"awscni_ip_max" 5`, 2, '"awscni_ip_max" 5'],
    [`\n\n${ENI}\n-1`, 5, '-1'],
  ],
  'expected a value': [
    'awscni_eni_max',
    'awscni_eni_max \n',
    ['awscni_eni_max\r\n', 1, 'awscni_eni_max\\u{d}'],
    'awscni_eni_max{}\n',
  ],
  'expected a blank or { after the name': [
    'awscni_eni_max=4\n',
    'awscni_eni_max-4\n',
    'awscni_eni_max\u00a04\n',
  ],
  'the value is not a number': [
    'awscni_eni_max four\n',
    'awscni_eni_max 4,5\n',
    'awscni_eni_max 0x10\n',
    'awscni_eni_max 0x1p4\n',
    'awscni_eni_max 1_000\n',
    'awscni_eni_max 1e\n',
    'awscni_eni_max .\n',
    'awscni_eni_max --4\n',
    'awscni_eni_max +NaN\n',
    'awscni_eni_max Infinite\n',
    'awscni_eni_max \u0664\n',
    [
      `${ENI}awscni_ipamd_error_count{fn="${LONG}"} four ${LONG}\n`,
      2,
      `…${'x'.repeat(37)}"} four ${'x'.repeat(75)}…`,
    ],
  ],
  'the value is out of range': ['awscni_eni_max 1e999\n'],
  'the value is longer than 64 characters': [
    [`awscni_eni_max 0.${'0'.repeat(99)}\n`, 1, `awscni_eni_max 0.${'0'.repeat(78)}…`],
  ],
  'expected a timestamp or the end of the line': [
    'awscni_eni_max 4 5.5\n',
    'awscni_add_ip_req_count 4 # {trace_id="a"} 1\n',
  ],
  'expected the end of the line': [
    'awscni_eni_max 4 5 6\n',
    ['awscni_eni_max 4\r5\n', 1, 'awscni_eni_max 4\\u{d}5'],
  ],
  'expected , or } after a label': ['awscni_ipamd_error_count{fn="a" 4\n', 'awscni_ipamd_error_count{fn="a"'],
  'expected the name of a label or }': [
    'awscni_ipamd_error_count{',
    'awscni_ipamd_error_count{,} 4',
    'awscni_ipamd_error_count{1fn="a"} 4',
    'awscni_ipamd_error_count{"fn"="a"} 4',
    'awscni_ipamd_error_count{fn="a",,} 4',
  ],
  'expected = after the name of a label': [
    'awscni_ipamd_error_count{fn} 4',
    'awscni_ipamd_error_count{f-n="a"} 4',
  ],
  'expected the value of a label in quotes': [
    'awscni_ipamd_error_count{fn=a} 4',
    "awscni_ipamd_error_count{fn='a'} 4",
  ],
  'the value of a label has no end': [
    ['awscni_ipamd_error_count{fn="a\n} 4\n', 1, 'awscni_ipamd_error_count{fn="a'],
    'awscni_ipamd_error_count{fn="a',
  ],
  'expected \\\\, \\" or \\n': [
    'awscni_ipamd_error_count{fn="\\',
    'awscni_ipamd_error_count{fn="\\t"} 4',
    ['awscni_ipamd_error_count{fn="\\\n"} 4', 1, 'awscni_ipamd_error_count{fn="\\'],
  ],
  'a label occurs twice': ['awscni_ipamd_error_count{fn="a",fn="b"} 4'],
  'more than 16 labels': [
    [
      `awscni_ipamd_error_count{${Array.from({ length: 17 }, (_, label) => `l${label}="",`).join('')}} 4`,
      1,
      '…0="",l11="",l12="",l13="",l14="",l15="",l16="",} 4',
    ],
  ],
  'the series occurs twice': [
    [`${ENI}# comment\nawscni_eni_max 5\n`, 3, 'awscni_eni_max 5'],
    [`awscni_eni_max{} 4\n${ENI}`, 2, 'awscni_eni_max 4'],
    [
      'awscni_ipamd_error_count{fn="a"} 1\nawscni_ipamd_error_count{fn="b"} 1\nawscni_ipamd_error_count{fn="a"} 1\n',
      3,
      'awscni_ipamd_error_count{fn="a"} 1',
    ],
    [
      'awscni_aws_utils_error_count{error="a",fn="b"} 1\nawscni_aws_utils_error_count{ fn="b" ,error = "a", } 1\n',
      2,
      'awscni_aws_utils_error_count{ fn="b" ,error = "a", } 1',
    ],
    [
      'awscni_aws_api_latency_ms{api="a",quantile="0.5"} NaN\nawscni_aws_api_latency_ms{api="a",quantile="0.5"} NaN\n',
      2,
      'awscni_aws_api_latency_ms{api="a",quantile="0.5"} NaN',
    ],
    ['process_start_time_seconds 1\nprocess_start_time_seconds 1\n', 2, 'process_start_time_seconds 1'],
  ],
  'text after # EOF': [[`${ENI}# EOF\n\nawscni_ip_max 4\n`, 4, 'awscni_ip_max 4']],
};

test.each(
  Object.entries(FAULTS).flatMap(([what, rows]) =>
    rows.map((row) => {
      const [text, line, shown] = typeof row === 'string' ? [row, 1, row.replace(/\n$/, '')] : row;
      return { text, line, fault: `${what}: "${shown}"` };
    }),
  ),
)('line $line: $fault', ({ text, line, fault }) => {
  expect(faultOf(bytesOf(text))).toMatchObject({ line, message: `line ${line}: ${fault}` });
});

test.each([
  ['a byte that no UTF-8 has', [0xff], 'the value of a label is not UTF-8'],
  ['half a character', [0xc3], 'the value of a label is not UTF-8'],
  ['a surrogate', [0xed, 0xa0, 0x80], 'the value of a label is not UTF-8'],
  ['an overlong quote', [0xc0, 0xa2], 'the value of a label is not UTF-8'],
])('%s in a label of the catalog is a fault', (_, value, message) => {
  const bytes = [...bytesOf('awscni_ipamd_error_count{fn="'), ...value, ...bytesOf('"} 1\n')];
  expect(faultOf(Uint8Array.from(bytes)).message).toContain(
    `line 1: ${message}: "awscni_ipamd_error_count{fn="`,
  );
});

test("bytes that are no UTF-8 in a line of no interest are nobody's fault", () => {
  const bytes = [...bytesOf('go_info{version="'), 0xff, ...bytesOf(`"} 1\n${ENI}`)];
  expect(decode(Uint8Array.from(bytes)).invalid).toEqual([]);
});
