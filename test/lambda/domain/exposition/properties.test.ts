import fc from 'fast-check';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { expect, test } from 'vitest';
import { COUNTERS, GAUGES, LATENCY, START_TIME_FAMILY } from '../../../../lambda/domain/catalog.ts';
import { decode, ExpositionError } from '../../../../lambda/domain/exposition/decode.ts';
import type { PodReading } from '../../../../lambda/domain/pod-reading.ts';
import { formatNumber } from '../../../../local/simulation/exposition.ts';
import { createFleet } from '../../../../local/simulation/fleet.ts';
import { reading } from '../../../support/reading.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const sorted = (read: PodReading) => ({
  ...read,
  latencies: read.latencies.toSorted((a, b) => (a.api < b.api ? -1 : 1)),
});

/** What the nodes of a simulated cluster serve, from some 15 KB to some 33 KB. */
const fleet = createFleet({ nodes: 12, seed: 7, now: 1_763_000_000_000 });
const answers = fleet.nodes().map(({ pod }) => fleet.exposition(pod));

/** Decodes, or gives the fault; everything but an ExpositionError escapes. */
function attempt(bytes: Uint8Array): PodReading | ExpositionError {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof ExpositionError) return error;
    throw error;
  }
}

const whole = fc.nat({ max: 2 ** 30 });
/** Gauges of a node stay below a million. */
const few = fc.nat({ max: 50_000 });
const text = fc.string({
  unit: fc.constantFrom('a', 'B', '{', '}', '"', ',', '\\', '\n', '=', ' ', 'é', '漢', '😀'),
});
const escaped = (value: string) =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** Lines of an answer in any order, and the values they stand for. */
const answer = fc
  .record({
    gauge: fc.constantFrom(...GAUGES),
    counter: fc.constantFrom(
      ...COUNTERS.filter(({ select, family }) => !select && !family.includes('del_ip')),
    ),
    gauges: fc.uniqueArray(fc.tuple(text, few), { selector: ([label]) => label, minLength: 1 }),
    counters: fc.uniqueArray(fc.tuple(text, whole), { selector: ([label]) => label, minLength: 1 }),
    latencies: fc.uniqueArray(fc.tuple(text, whole, whole), { selector: ([api]) => api }),
  })
  .map(({ gauge, counter, gauges, counters, latencies }) => ({
    lines: [
      'awscni_build_info{version="v1.23.2"} 1',
      ...gauges.map(([label, value]) => `${gauge.family}{a="${escaped(label)}"} ${formatNumber(value)}`),
      ...counters.map(
        ([label, value]) => `${counter.family}{b="",c="${escaped(label)}"} ${formatNumber(value)}`,
      ),
      ...latencies.flatMap(([api, count, sum]) => [
        `${LATENCY.family}_sum{api="${escaped(api)}",error="false"} ${formatNumber(sum)}`,
        `${LATENCY.family}_count{api="${escaped(api)}",error="false"} ${formatNumber(count)}`,
      ]),
    ],
    read: reading({
      facts: { version: 'v1.23.2' },
      gauges: { [gauge.name]: gauges.reduce((sum, [, value]) => sum + value, 0) },
      counters: { [counter.name]: counters.reduce((sum, [, value]) => sum + value, 0) },
      latencies: latencies.map(([api, count, sum]) => ({ api, count, sum })),
    }),
  }));

/** A real answer with some bytes changed; mostly to ones that mean something. */
const damagedAnswer = fc
  .tuple(
    fc.constantFrom(...answers.map(bytesOf)),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.oneof(fc.constantFrom(...bytesOf('{}",=\\n \t\r\n#1.e+a_')), fc.integer({ min: 0, max: 255 })),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([answer, damages]) => {
    const bytes = answer.slice();
    for (const [at, byte] of damages) bytes[at % bytes.length] = byte;
    return bytes;
  });

test('reads back what was written', () => {
  fc.assert(
    fc.property(answer, ({ lines, read }) => {
      expect(decode(bytesOf(lines.join('\n')))).toEqual(read);
    }),
  );
});

test('the order of the lines does not matter', () => {
  fc.assert(
    fc.property(
      answer.chain(({ lines, read }) =>
        fc.record({
          lines: fc.shuffledSubarray(lines, { minLength: lines.length }),
          read: fc.constant(read),
        }),
      ),
      ({ lines, read }) => {
        expect(sorted(decode(bytesOf(lines.join('\n'))))).toEqual(sorted(read));
      },
    ),
  );
});

test('a series that occurs twice is found wherever it stands', () => {
  fc.assert(
    fc.property(answer, fc.nat(), fc.nat(), ({ lines }, from, to) => {
      const line = lines[from % lines.length] ?? '';
      const fault = attempt(bytesOf(lines.toSpliced(to % (lines.length + 1), 0, line).join('\n')));
      expect(fault).toHaveProperty('message', expect.stringContaining('the series occurs twice'));
    }),
  );
});

test('any bytes give a reading or an ExpositionError', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => void attempt(bytes)));
});

test('any bytes behind the name of a family give a reading or an ExpositionError', () => {
  const byte = fc.constantFrom(...bytesOf('{}",=\\n \t\r\n#1.e+NaIf'), 0, 0x80, 0xff);
  fc.assert(
    fc.property(fc.array(byte), (bytes) => {
      attempt(Uint8Array.from([...bytesOf('awscni_ipamd_error_count'), ...bytes]));
    }),
    { numRuns: 2_000 },
  );
});

test('a damaged answer gives a reading or an error that names one of its lines', () => {
  fc.assert(
    fc.property(damagedAnswer, (bytes) => {
      const result = attempt(bytes);
      if (!(result instanceof ExpositionError)) return;
      expect(result.line).toBeLessThanOrEqual(bytes.filter((byte) => byte === 10).length + 1);
      expect(result.message).toMatch(/^line \d+: [^\p{Cc}]+$/u);
      expect(result.message.length).toBeLessThan(800);
    }),
    { numRuns: 500 },
  );
});

// An answer that is in no order from its first line on is read line by line with a memory of all series.
test('an answer in order is read as it would be without counting on its order', () => {
  const first = bytesOf('awscni_aws_api_latency_ms{ of="nothing" } 0\n');
  fc.assert(
    fc.property(damagedAnswer, (bytes) => {
      const inOrder = attempt(bytes);
      const withoutOrder = attempt(Uint8Array.from([...first, ...bytes]));
      if (inOrder instanceof ExpositionError) {
        const sameFault = inOrder.message.replace(/^line \d+/, `line ${inOrder.line + 1}`);
        expect(withoutOrder).toHaveProperty('message', sameFault);
      } else expect(withoutOrder).toEqual(inOrder);
    }),
    { numRuns: 1_000 },
  );
});

// npm's parser folds a summary of several label sets into one, so latencies are not compared.
test.each(answers)("gauges and counters are those that npm's parser finds (%#)", (answer) => {
  const families = parsePrometheusTextFormat(answer);
  const totalOf = (family: string) =>
    families
      .find(({ name }) => name === family)
      ?.metrics.reduce((sum, { value }) => sum + Number(value), 0) ?? NaN;
  const { gauges, counters, startTime, facts } = decode(bytesOf(answer));
  const onEnis = families.find(({ name }) => name === 'awscni_assigned_ip_per_eni')?.metrics;
  expect(facts.enis).toBe(onEnis?.length);
  expect(facts.inUseOnEnis).toBe(totalOf('awscni_assigned_ip_per_eni'));
  expect(startTime).toBe(totalOf(START_TIME_FAMILY));
  expect(gauges).toEqual(GAUGES.map(({ family }) => totalOf(family)));
  COUNTERS.forEach(({ family, select }, index) => {
    if (!select) expect(counters[index], family).toBe(totalOf(family));
  });
});

test('a decimal number is the double nearest to it', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 16 });
  fc.assert(
    fc.property(digits, digits, (whole, fraction) => {
      const text = `${whole}.${fraction}`;
      const { startTime } = decode(bytesOf(`awscni_eni_max 4\nprocess_start_time_seconds ${text}\n`));
      expect(startTime).toBe(Number(text) <= Number.MAX_SAFE_INTEGER ? Number(text) : NaN);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['a line without an end', `awscni_ipamd_error_count{fn="${'x'.repeat(1_000_000)}`],
  ['a number without an end', `awscni_eni_max ${'1'.repeat(1_000_000)}`],
  ['a timestamp without an end', `awscni_eni_max 1 ${'1'.repeat(1_000_000)}`],
  [
    'labels without an end',
    `awscni_eni_max{${Array.from({ length: 200_000 }, (_, i) => `l${i}="",`).join('')}`,
  ],
  ['blanks without an end', `awscni_eni_max${' '.repeat(1_000_000)}`],
  ['many empty lines', '\n'.repeat(1_000_000)],
  [
    'many series in the reverse order',
    Array.from({ length: 50_000 }, (_, i) => `awscni_eni_max{a="${99_999 - i}"} 1`).join('\n'),
  ],
])('%s takes its time in proportion', (_, hostile) => {
  attempt(bytesOf(hostile));
});

test('a comment ends at its line feed, whatever it contains', () => {
  const byte = fc.oneof(fc.constantFrom(0x0b, 0x09, 0x8a, 0x00), fc.integer({ min: 0, max: 255 }));
  const comment = fc.array(
    byte.filter((value) => value !== 0x0a),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(comment, (bytes) => {
      const { gauges } = decode(
        Uint8Array.from([...bytesOf('# HELP '), ...bytes, ...bytesOf('\nawscni_eni_max 4\n')]),
      );
      expect(gauges[GAUGES.findIndex(({ family }) => family === 'awscni_eni_max')]).toBe(4);
    }),
    { numRuns: 1_000 },
  );
});
