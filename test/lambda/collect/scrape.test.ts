import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMetrics } from '../../../lambda/adapters/api-server/parse-metrics.ts';
import type { Pod } from '../../../lambda/collect/ports.ts';
import { scrape } from '../../../lambda/collect/scrape.ts';
import { MAX_DIRECT_CONCURRENCY } from '../../../lambda/contract.ts';
import { Deadline } from '../../../lambda/deadline.ts';
import { GAUGES } from '../../../lambda/domain/catalog.ts';
import { ExpositionError } from '../../../lambda/domain/exposition/decode.ts';
import { ScrapeError } from '../../../lambda/errors.ts';
import { createVirtualClock } from '../../../local/virtual-clock.ts';

const ENI_MAX = GAUGES.findIndex(({ family }) => family === 'awscni_eni_max');

/** How a pod answers, attempt by attempt; the last one repeats. Takes 10 ms unless told. */
type Script = readonly { takes?: number; fails?: ScrapeError }[];

const lost = () => new ScrapeError('connection-lost', 'reset', { retryable: true, overload: true });
const cut = () => new ScrapeError('connection-lost', 'half an answer', { retryable: true });
const throttled = (retryAfterMs: number) =>
  new ScrapeError('scrape-throttled', '429', { retryable: true, overload: true, retryAfterMs });
const forbidden = () => new ScrapeError('scrape-forbidden', '403', { retryable: true });
const gone = () => new ScrapeError('pod-gone', '404');

async function play(scripts: readonly Script[], { concurrency = 2, perPodMs = 100, deadlineMs = 1000 } = {}) {
  const time = createVirtualClock();
  const attempts = new Map<string, number>();
  const outcomes: string[] = [];
  const budgets: number[] = [];
  const startedAt: number[] = [];
  /** As each request begins, itself included. */
  const inFlight: number[] = [];
  let active = 0;
  const pods = scripts.map((_, index): Pod => ({ name: `p${index}`, node: '' }));
  const readMetrics = async ({ name }: Pod, { remainingMs }: Deadline) => {
    const attempt = attempts.get(name) ?? 0;
    attempts.set(name, attempt + 1);
    budgets.push(remainingMs);
    startedAt.push(time.now());
    active += 1;
    inFlight.push(active);
    const script = scripts[Number(name.slice(1))] ?? [];
    const { takes = 10, fails } = script[Math.min(attempt, script.length - 1)] ?? {};
    await time.wait(Math.min(takes, remainingMs));
    active -= 1;
    if (takes > remainingMs) throw new ScrapeError('scrape-timeout', 'too slow');
    if (fails?.code === 'unparsable') return new ExpositionError(1, fails.message);
    if (fails) throw fails;
    return parseMetrics(Buffer.from(`awscni_eni_max ${name.slice(1)}\n`));
  };
  const deadline = Deadline.in(deadlineMs, time);
  await time.run(
    scrape(
      { readMetrics },
      pods,
      { concurrency, timeoutMs: perPodMs, deadline, clock: time },
      (pod, outcome) => {
        const said = outcome instanceof ScrapeError ? outcome.code : `p${outcome.gauges[ENI_MAX]}`;
        outcomes.push(`${pod.name} ${said} @${time.now()}`);
      },
    ),
  );
  return { outcomes, budgets, startedAt, inFlight, endedAt: time.now() };
}

test('without pods it does not wait', async () => {
  expect(await play([])).toEqual({
    outcomes: [],
    budgets: [],
    startedAt: [],
    inFlight: [],
    endedAt: 0,
  });
});

test('reads all pods with bounded concurrency', async () => {
  const { outcomes, inFlight, endedAt } = await play(
    Array.from({ length: 7 }, () => [{}]),
    { concurrency: 3 },
  );
  expect(outcomes.map((line) => line.split(' ')[1])).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6']);
  expect({ peak: Math.max(...inFlight), endedAt }).toEqual({ peak: 3, endedAt: 30 });
});

test('retryable failures are tried again after a pause, and hold no place during it', async () => {
  expect((await play([[{ fails: lost() }, {}], [{}], [{}]], { concurrency: 1 })).outcomes).toEqual([
    'p1 p1 @20',
    'p2 p2 @30',
    'p0 p0 @270',
  ]);
});

test('pauses grow from 250 ms to 2 s', async () => {
  const { startedAt } = await play([[{ fails: lost() }]], { deadlineMs: 10_000 });
  expect(startedAt).toEqual([0, 260, 770, 1_780, 3_790, 5_800, 7_810, 9_820]);
});

test('a pod that fails on its own is given up after five failures, and the last one is reported', async () => {
  const broken = [cut(), cut(), cut(), cut(), gone()].map((fails) => ({ fails }));
  const { outcomes, startedAt } = await play([[{}], [{ fails: cut() }], broken], { deadlineMs: 60_000 });
  expect(outcomes).toEqual(['p0 p0 @10', 'p1 connection-lost @3800', 'p2 pod-gone @3810']);
  expect(startedAt).toHaveLength(11);
});

test('a pod that throttles on its own does not delay the scrape', async () => {
  const { outcomes } = await play([[{}], [{ fails: throttled(0) }], [{}]], { deadlineMs: 60_000 });
  expect(outcomes).toEqual(['p0 p0 @10', 'p2 p2 @20', 'p1 scrape-throttled @3800']);
});

test.each([
  { what: 'in less than its time limit is given up after 2 s', takes: 2_900, at: 2_900 },
  { what: 'in half a second each time is given up after 2 s and its pauses', takes: 500, at: 3_750 },
])('a pod that fails $what', async ({ takes, at }) => {
  const busy = { takes, fails: new ScrapeError('bad-status', '503', { retryable: true }) };
  const { outcomes } = await play([[{}], [busy]], { perPodMs: 3_000, deadlineMs: 60_000 });
  expect(outcomes).toEqual(['p0 p0 @10', `p1 bad-status @${at}`]);
});

test.each<{ what: string; script: Script; ends: string }>([
  {
    what: 'loses its connection each time',
    script: [{ fails: lost() }],
    ends: 'connection-lost @3800',
  },
  {
    what: 'loses its connection once and says 403 from then on, like an API server that starts,',
    script: [{ fails: lost() }, { fails: forbidden() }],
    ends: 'scrape-forbidden @3800',
  },
  {
    what: 'does both in turn',
    script: Array.from({ length: 100 }, (_, index) => ({ fails: index % 2 === 0 ? lost() : forbidden() })),
    ends: 'connection-lost @3800',
  },
  {
    what: 'takes long to lose its connection, and is busy in between,',
    script: Array.from({ length: 100 }, (_, index) =>
      index % 2 === 0 ? { takes: 2_900, fails: lost() } : { fails: throttled(0) },
    ),
    ends: 'connection-lost @6560',
  },
])('a pod that $what does not delay the scrape', async ({ script, ends }) => {
  const { outcomes } = await play([script, [{}], [{}], [{}]], { perPodMs: 3_000, deadlineMs: 60_000 });
  expect(outcomes.map((outcome) => outcome.replace(/ p\d @.*/, ''))).toEqual([
    'p1',
    'p2',
    'p3',
    `p0 ${ends}`,
  ]);
});

test('while no pod is read, one that takes long to fail is attempted as often as others', async () => {
  const busy = { takes: 2_000, fails: new ScrapeError('bad-status', '503', { retryable: true }) };
  const { outcomes } = await play([[busy, busy, {}]], { perPodMs: 3_000, deadlineMs: 60_000 });
  expect(outcomes).toEqual(['p0 p0 @4760']);
});

test('does not retry timeouts and failures that are not retryable', async () => {
  const { outcomes, budgets } = await play([[{ fails: gone() }], [{ takes: 500 }], [{}]]);
  expect(outcomes).toEqual(['p0 pod-gone @10', 'p2 p2 @20', 'p1 scrape-timeout @100']);
  expect(budgets).toHaveLength(3);
});

test.each([
  { what: 'is waited for', retryAfterMs: 700, at: 720 },
  { what: 'of more than 2 s is not', retryAfterMs: 60_000, at: 2_020 },
  { what: 'of less than the pause is not', retryAfterMs: 1, at: 270 },
])('a Retry-After $what', async ({ retryAfterMs, at }) => {
  const scripts = [[{ fails: throttled(retryAfterMs) }, {}], [{}], [{}]];
  const { outcomes } = await play(scripts, { deadlineMs: 5_000 });
  expect(outcomes).toEqual(['p1 p1 @10', 'p2 p2 @20', `p0 p0 @${at}`]);
});

test('a pause that would pass the deadline does not begin', async () => {
  const { outcomes, endedAt } = await play([[{ fails: throttled(5_000) }], [{}], [{}]]);
  expect(outcomes).toEqual(['p0 scrape-throttled @10', 'p1 p1 @10', 'p2 p2 @20']);
  expect(endedAt).toBe(20);
});

test('pods that are not attempted by the deadline fail with their own code; requests in flight get the remaining time', async () => {
  const { outcomes, budgets } = await play([[{ takes: 60 }], [{ takes: 60 }], [{ takes: 60 }], [{}]], {
    concurrency: 1,
    deadlineMs: 100,
  });
  expect(outcomes).toEqual([
    'p0 p0 @60',
    'p1 scrape-timeout @100',
    'p2 deadline-reached @100',
    'p3 deadline-reached @100',
  ]);
  expect(budgets).toEqual([100, 40]);
});

test('a retry that the deadline prevents leaves the earlier failure', async () => {
  const scripts = [[{ fails: lost() }], [{ takes: 90 }], [{ takes: 900 }], [{ takes: 900 }]];
  const { outcomes } = await play(scripts, { concurrency: 1, perPodMs: 900, deadlineMs: 400 });
  expect(outcomes).toContain('p0 connection-lost @400');
});

test('every pod gets exactly one outcome within the deadline', async () => {
  const attempt = fc.record(
    { takes: fc.nat(300), fails: fc.constantFrom(lost(), throttled(50), throttled(900), gone()) },
    { requiredKeys: [] },
  );
  const cluster = fc.array(fc.array(attempt, { minLength: 1, maxLength: 2 }), {
    minLength: 3,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(cluster, fc.integer({ min: 1, max: 8 }), async (scripts, concurrency) => {
      const { outcomes, inFlight, endedAt } = await play(scripts, { concurrency });
      const names = outcomes.map((line) => line.split(' ')[0]);
      expect(new Set(names).size).toBe(scripts.length);
      expect(names).toHaveLength(scripts.length);
      expect(Math.max(...inFlight)).toBeLessThanOrEqual(concurrency);
      expect(endedAt).toBeLessThanOrEqual(1000);
    }),
    { numRuns: 50 },
  );
});

test.each<{ what: string; attempt: Script[number]; after: number; atLast: number }>([
  {
    what: 'falls by half, and on to 10, while pods are throttled',
    attempt: { fails: throttled(0) },
    after: 25,
    atLast: 10,
  },
  { what: 'falls the same while connections break', attempt: { fails: lost() }, after: 25, atLast: 10 },
  { what: 'stays while pods are gone', attempt: { fails: gone() }, after: 50, atLast: 50 },
  { what: 'stays while nodes are dead', attempt: { takes: 9_999 }, after: 50, atLast: 50 },
])('the number in flight $what', async ({ attempt, after, atLast }) => {
  const { inFlight } = await play(
    Array.from({ length: 400 }, () => [attempt]),
    { concurrency: 100 },
  );
  expect(inFlight[49]).toBe(50);
  // The first five signs, a tenth of those in flight, change nothing.
  expect(Math.max(...inFlight.slice(55))).toBe(after);
  expect(inFlight.at(-1)).toBe(atLast);
});

test('the number of requests in flight falls to 10 while answers take much longer than before', async () => {
  const { inFlight } = await play(
    Array.from({ length: 600 }, (_, index) => [{ takes: index < 50 ? 20 : 490 }]),
    { concurrency: 100, perPodMs: 1_000, deadlineMs: 100_000 },
  );
  expect(Math.max(...inFlight)).toBe(60);
  expect(inFlight.at(-1)).toBe(10);
});

test('answers that cannot be parsed do not slow the others down', async () => {
  const nonsense = () => new ScrapeError('unparsable', 'line 1: not Prometheus text');
  const { inFlight } = await play(
    Array.from({ length: 2000 }, () => [{ fails: nonsense() }]),
    { concurrency: 100 },
  );
  expect(Math.max(...inFlight)).toBe(100);
});

test('a programming error is not reported as a failure of the pod', async () => {
  const readMetrics = async () => {
    throw new TypeError('bug');
  };
  const pods = ['a', 'b', 'c'].map((name) => ({ name, node: '' }));
  const clock = createVirtualClock();
  const options = { concurrency: 2, timeoutMs: 10, deadline: Deadline.in(10, clock), clock };
  await expect(scrape({ readMetrics }, pods, options, () => {})).rejects.toThrow('bug');
  await expect(
    scrape(
      { readMetrics: async () => parseMetrics(Buffer.from('awscni_eni_max 4\n')) },
      pods,
      options,
      () => {
        throw new RangeError('in each');
      },
    ),
  ).rejects.toThrow('in each');
});

test.each(['node-unreachable', 'node-slow'] as const)('if every node is %s, a few show it', async (code) => {
  const silent: Script = [{ takes: 100, fails: new ScrapeError(code, 'silent') }];
  const { outcomes } = await play(Array<Script>(300).fill(silent), { concurrency: 20, deadlineMs: 60_000 });
  const isTried = (outcome: string) => outcome.includes(code);
  expect(outcomes.filter(isTried).length).toBeLessThan(150);
  expect(outcomes.filter((outcome) => !isTried(outcome))).toEqual(
    outcomes.filter((outcome) => outcome.includes('not-attempted')),
  );
});

test('direct reads at their most concurrent have at most 500 sockets', async () => {
  const scripts = Array.from({ length: 3000 }, (_, index): Script => [{ takes: index % 3 ? 10 : 9_999 }]);
  const { inFlight } = await play(scripts, {
    concurrency: MAX_DIRECT_CONCURRENCY,
    perPodMs: 3000,
    deadlineMs: 60_000,
  });
  expect(Math.max(...inFlight)).toBeGreaterThan(MAX_DIRECT_CONCURRENCY);
  expect(Math.max(...inFlight)).toBeLessThanOrEqual(500);
});
