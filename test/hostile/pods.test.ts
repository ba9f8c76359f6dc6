import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import type { ProxiedAnswer } from '../../local/api-server/pod-fault.ts';
import { reading } from '../support/reading.ts';
import {
  answer,
  cycleWith,
  expectedMetrics,
  inOrder,
  MAX_CPU_MS,
  startHostileCluster,
} from './hostile-cluster.ts';

const hostile = await startHostileCluster(12);
await hostile.nextCycle();
afterAll(() => hostile[Symbol.asyncDispose]());

const MIB = 1024 * 1024;
/** As long as an answer may be. */
const MOST = 16 * MIB;
const repeated = (line: string, bytes = MOST) => line.repeat(Math.floor(bytes / line.length));
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('');
const ERRORS = 'awscni_ipamd_error_count';

/** Four empty blocks of deflate, each with Huffman codes of its own. */
const EMPTY_BLOCKS = Buffer.from('BMCBAAAAAACQ/2sQAAcCAAAAAED+r0EAHAgAAAAAAPm/BgFwIAAAAAAA5P8a', 'base64');

/** A gzip of at most so many bytes that inflates to nothing, as slowly as possible. */
const emptyGzip = (bytes: number) =>
  Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
    Buffer.alloc(bytes - 100 - ((bytes - 100) % EMPTY_BLOCKS.length), EMPTY_BLOCKS),
    // An empty stored block ends it; checksum and length of nothing are 0.
    Buffer.from([1, 0, 0, 255, 255]),
    Buffer.alloc(8),
  ]);

/** Characters that would act on a terminal or forge a line of a log. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

test.each<{ what: string; fault: ProxiedAnswer; code: string; message?: string }>([
  {
    what: 'status 500 and 200 KB of blanks',
    fault: answer(' '.repeat(200_000), { status: 500 }),
    code: 'bad-status',
  },
  {
    what: 'status 500 and a token followed by 16 MB of blanks',
    fault: answer(`x-amz-security-token:${' '.repeat(MOST - 100)}`, { status: 500 }),
    code: 'bad-status',
  },
  {
    what: 'a Status whose message is 1 MB of a token',
    fault: answer(JSON.stringify({ message: 'k8s-aws-v1.'.repeat(MIB / 11) }), { status: 403 }),
    code: 'not-ipamd',
  },
  {
    what: 'a Status that is nested deeply',
    fault: answer('[{"message":'.repeat(MOST / 13), { status: 503 }),
    code: 'bad-status',
  },
  {
    what: 'a Status whose reason cannot become text',
    fault: answer('{"kind":"Status","reason":{"toString":1}}', { status: 404 }),
    code: 'api-server-error',
  },
  {
    what: 'a Status whose reason is 8,000 lists in one another',
    fault: answer(`{"kind":"Status","reason":${'['.repeat(8_000)}${']'.repeat(8_000)}}`, { status: 503 }),
    code: 'api-server-error',
  },
  {
    what: 'a content-encoding of 60 KB',
    fault: answer('x', {
      gzip: false,
      headers: { 'content-encoding': `x-amz-security-token:${' '.repeat(60_000)}x` },
    }),
    code: 'unparsable',
  },
  {
    what: 'a content-encoding that acts on a terminal',
    fault: answer('x', { gzip: false, headers: { 'content-encoding': 'gz\x9b31m\x85\xadip' } }),
    code: 'unparsable',
    message: String.raw`gz\u{9b}31m\u{85}\u{ad}ip`,
  },
  {
    what: 'a Status that acts on a terminal',
    fault: answer(
      '{"kind":"Status","reason":"NotFound","message":"a\\u009b31m\\u202eb\\n{\\"level\\":\\"ERROR\\"}"}',
      { status: 404 },
    ),
    code: 'pod-gone',
    message: String.raw`a\u{9b}31m\u{202e}b {"level":"ERROR"}`,
  },
  {
    what: 'a redirect',
    fault: answer('', { status: 302, headers: { location: 'https://127.0.0.1:1/' } }),
    code: 'not-ipamd',
  },
  { what: '1 GB in 1 MB of gzip', fault: answer(Buffer.alloc(1024 * MIB)), code: 'answer-too-large' },
  {
    what: 'bytes that are no gzip',
    fault: answer('', { body: Buffer.alloc(4 * MIB, 'x') }),
    code: 'unparsable',
  },
  {
    what: 'a gzip of 16 MB of empty blocks',
    fault: answer('', { body: emptyGzip(MOST) }),
    code: 'answer-too-large',
    message: 'larger than 4194304 bytes, compressed',
  },
  {
    what: 'status 503, which is asked again, and a gzip of 4 MB of empty blocks',
    fault: answer('', { status: 503, body: emptyGzip(4 * MIB) }),
    code: 'answer-too-large',
    message: 'larger than 262144 bytes, compressed',
  },
  {
    what: 'a gzip of 4 MB of empty blocks',
    fault: answer('', { body: emptyGzip(4 * MIB) }),
    code: 'unparsable',
    message: 'the answer is empty',
  },
  {
    what: 'half a gzip',
    fault: answer('', { body: answer(repeated('a 1\n')).body.subarray(0, 900) }),
    code: 'unparsable',
  },
  { what: 'nothing', fault: answer(''), code: 'unparsable' },
  { what: '16 MB of line feeds', fault: answer('\n'.repeat(MOST)), code: 'unparsable' },
  { what: '16 MB of comments', fault: answer(repeated('#\n')), code: 'unparsable' },
  {
    what: '16 MB of names that nearly count',
    fault: answer(repeated('awscni_ipamd_error_counts 1\n')),
    code: 'unparsable',
  },
  { what: 'a value of 16 MB', fault: answer(`${ERRORS} ${'1'.repeat(MOST - 100)}\n`), code: 'unparsable' },
  {
    what: 'a label of 16 MB without an end',
    fault: answer(`${ERRORS}{fn="${'x'.repeat(MOST - 100)}`),
    code: 'unparsable',
  },
  {
    what: '16 MB of opening braces',
    fault: answer(`${ERRORS}${'{'.repeat(MOST - 100)}`),
    code: 'unparsable',
  },
  {
    what: '16 MB of blanks between a name and nothing',
    fault: answer(`${ERRORS}${' '.repeat(MOST - 100)}`),
    code: 'unparsable',
  },
  {
    what: '16 MB of backslashes',
    fault: answer(`${ERRORS}{fn="${'\\'.repeat(MOST - 100)}`),
    code: 'unparsable',
  },
  {
    what: 'more labels than a line may have',
    fault: answer(`${ERRORS}{${lines(100_000, (index) => `l${index}="",`)}} 1\n`),
    code: 'unparsable',
  },
  {
    what: '16 MB of APIs, each with 25 escaped characters',
    fault: answer(
      lines(
        140_000,
        (index) => `awscni_aws_api_latency_ms_sum{api="${'\\\\'.repeat(25)}${100_000 + index}"} 1\n`,
      ),
    ),
    code: 'unparsable',
    message: 'more than 50000 texts to decode',
  },
  {
    what: '16 MB of labels that are not ASCII',
    fault: answer(
      lines(
        90_000,
        (index) => `${ERRORS}{${lines(15, (label) => `l${10 + label}="é",`)}z="é${100_000 + index}"} 1\n`,
      ),
    ),
    code: 'unparsable',
    message: 'more than 50000 texts to decode',
  },
  {
    what: '50,000 series in no order',
    fault: answer(lines(50_000, (index) => `${ERRORS}{fn="${99_999 - index}"} 1\n`)),
    code: 'unparsable',
    message: 'more than 10000 series in no order',
  },
  {
    what: 'series in no order, the first one again at the end',
    fault: answer(
      `${lines(9_000, (index) => `${ERRORS}{fn="${99_999 - index}"} 1\n`)}${ERRORS}{fn="99999"} 1\n`,
    ),
    code: 'unparsable',
    message: 'the series occurs twice',
  },
  {
    what: 'text that acts on a terminal',
    fault: answer('awscni_eni_max \x1b[2J\u202e\u2066\x9b\n'),
    code: 'unparsable',
    message: String.raw`"awscni_eni_max \u{1b}[2J\u{202e}\u{2066}\u{9b}"`,
  },
  {
    what: 'bytes that are not UTF-8',
    fault: answer(Buffer.from(`${ERRORS}{fn="\xff"} 1\n`, 'latin1')),
    code: 'unparsable',
  },
  {
    what: 'an answer that breaks off',
    fault: answer('awscni_eni_max 4\n', { broken: 'reset' }),
    code: 'answer-incomplete',
  },
])('$what costs this pod alone: $code', async ({ fault, code, message = '' }) => {
  const { pod, first, second, invocation } = await cycleWith(hostile, fault);
  const { report, cpuMs, log } = invocation;
  expect(inOrder(report?.metrics)).toEqual(expectedMetrics(first, second, pod, undefined));
  expect(report?.pods.failures).toMatchObject([{ code, count: 1, pods: [pod] }]);
  expect(report?.pods.failures[0]?.example).toContain(message);
  expect(JSON.stringify(report)).not.toMatch(UNPRINTABLE);
  expect(log.map((line) => line.trimEnd()).join('')).not.toMatch(UNPRINTABLE);
  expect(log.join('').length).toBeLessThan(30_000);
  expect(cpuMs).toBeLessThan(MAX_CPU_MS);
});

/** A small good answer of a process that has just started, with more lines. */
const started = (time: number, more: string) =>
  [
    `process_start_time_seconds ${time / 1000 - 5}`,
    'awscni_assigned_ip_addresses 3',
    'awscni_total_ip_addresses 10',
    'awscni_add_ip_req_count 7',
    more,
  ].join('\n');

const calls = (api: string, count = 1) =>
  `awscni_aws_api_latency_ms_sum{api="${api}"} ${10 * count}\nawscni_aws_api_latency_ms_count{api="${api}"} ${count}\n`;

test.each<{
  what: string;
  more: string;
  counters?: Readonly<Record<string, number>>;
  calls?: number;
  gauges?: Readonly<Record<string, number>>;
  warnings?: readonly string[];
  misleading?: true;
}>([
  {
    what: '14,000 APIs',
    more: lines(14_000, (index) => calls(`api-${100_000 + index}`)),
    calls: 14_000,
    warnings: ['apis-folded'],
  },
  {
    what: 'an API with a name of 900 KB',
    more: calls('x'.repeat(900_000)),
    calls: 1,
    warnings: ['apis-folded'],
  },
  {
    what: 'names that act on a terminal, or that every object has',
    more: ['\x9b31m', '\u202e', '__proto__', 'constructor', '(other)', ''].map((api) => calls(api)).join(''),
    calls: 6,
    warnings: ['apis-folded'],
  },
  {
    what: 'a version and a reason of 7 MB of escaped characters each',
    more: [
      `awscni_build_info{version="${'\\\\'.repeat(3.5 * MIB)}"} 1\n`,
      `awscni_ipamd_startup_duration_seconds_count{failure_reason="${'\\\\'.repeat(3.5 * MIB)}"} 1\n`,
    ].join(''),
  },
  {
    what: '9,000 series in no order',
    more: lines(9_000, (index) => `${ERRORS}{fn="${99_999 - index}"} 1\n`),
    counters: { ipamdErr: 9_000 },
  },
  {
    what: 'lines of 16 labels in no order, in a gzip whose last member claims to be all of it',
    more: lines(9_000, (line) => `${ERRORS}{${lines(15, (index) => `l${99 - index}="",`)}fn="${line}"} 1\n`),
    counters: { ipamdErr: 9_000 },
    misleading: true,
  },
  {
    what: '40,000 CIDRs',
    more: lines(40_000, (index) => `awscni_assigned_ip_per_cidr{cidr="${index + 100_000}"} 0\n`),
    gauges: { totalAssignedIPv4sPerCidr: 0 },
  },
  {
    what: 'interfaces with more addresses than a node can have',
    more: `awscni_eni_allocated 1\n${lines(3, (eni) => `awscni_assigned_ip_per_eni{eni="${eni}"} 999999999999999\n`)}`,
    gauges: { eniAllocated: 1 },
  },
  {
    what: 'more failed reconciliations than there can be',
    more: lines(3, (n) => `awscni_connmark_reconcile_total{n="${n}",result="error"} 9007199254740991\n`),
  },
  {
    what: '9,000 values that are no numbers',
    more: lines(9_000, (index) => `awscni_ec2api_error_count{fn="${index}"} NaN\n`),
    warnings: ['not-finite'],
  },
])(
  '$what count as far as they can, and change no other pod',
  async ({ more, calls: called = 0, misleading, ...said }) => {
    const { cluster } = hostile;
    // Each answer is that of another process: sooner after one another, they would be a crash loop.
    cluster.fleet.advance(30 * 60_000);
    const text = started(cluster.fleet.now() + 120_000, more);
    // The length at the end of a gzip is that of its last member.
    const body = Buffer.concat([gzipSync(text), ...(misleading ? [gzipSync('')] : [])]);
    const { pod, first, second, invocation } = await cycleWith(hostile, answer('', { body }));
    const { report, cpuMs } = invocation;
    const expected = reading({
      startTime: second.time / 1000 - 5,
      gauges: { assignIPAddresses: 3, totalIPAddresses: 10, ...said.gauges },
      counters: { addReqCount: 7, ...said.counters },
      latencies: called === 0 ? [] : [{ api: 'x', count: called, sum: 10 * called }],
    });
    expect(inOrder(report?.metrics)).toEqual(expectedMetrics(first, second, pod, expected));
    expect(report?.warnings.map(({ code }) => code)).toEqual(said.warnings ?? []);
    expect(cpuMs).toBeLessThan(MAX_CPU_MS);
  },
);

test('APIs renamed in each cycle neither slow the cycles down nor let the state grow', async () => {
  const { cluster } = hostile;
  const [pod = ''] = hostile.moment().pods.keys();
  const since = cluster.fleet.now();
  let first = hostile.moment();
  for (let cycle = 0; cycle < 12; cycle += 1) {
    const more = lines(14_000, (index) => calls(`api-${cycle}-${100_000 + index}`));
    cluster.apiServer.faults.answers.set(pod, answer(started(since, more)));
    const { report, cpuMs } = await hostile.nextCycle();
    const second = hostile.moment();
    const names = ['assignIPAddresses', 'ipamdErr', 'delReqCount', 'ec2ApiReqCount'];
    const all = reading({
      startTime: since / 1000 - 5,
      gauges: { assignIPAddresses: 3 },
      latencies: [],
    });
    const only = (metrics: readonly { name: string }[] = []) =>
      metrics.filter(({ name }) => names.includes(name));
    expect(only(inOrder(report?.metrics))).toEqual(only(expectedMetrics(first, second, pod, all)));
    expect(cpuMs).toBeLessThan(MAX_CPU_MS);
    first = second;
  }
  cluster.apiServer.faults.answers.clear();
  const apis = [...hostile.stored().values()].flatMap(({ latencies }) => latencies.map(({ api }) => api));
  expect(new Set(apis).size).toBeLessThanOrEqual(65);
});
