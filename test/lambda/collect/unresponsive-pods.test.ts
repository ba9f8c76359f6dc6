import { describe, expect, test } from 'vitest';
import { parseMetrics } from '../../../lambda/adapters/api-server/parse-metrics.ts';
import type { Pod } from '../../../lambda/collect/ports.ts';
import { scrape } from '../../../lambda/collect/scrape.ts';
import { Deadline } from '../../../lambda/deadline.ts';
import { ScrapeError } from '../../../lambda/errors.ts';
import { createVirtualClock } from '../../../local/virtual-clock.ts';

const SCRAPE_MS = 38_000;
/** Of a healthy pod, milliseconds. */
const USUAL_MS = 20;

interface Cluster {
  readonly pods: number;
  /** Milliseconds that a pod takes to answer; Infinity: it never does. */
  readonly takes?: (pod: number, begun: number) => number;
  /** Cycles in a row in which a pod was not read. */
  readonly unread?: (pod: number) => number;
  /** The API server is away from the first to the second moment, milliseconds: requests in flight break. */
  readonly away?: readonly [from: number, to: number];
  /** It answers 403 for a pod from the first to the second moment, milliseconds. */
  readonly forbids?: (pod: number) => readonly [from: number, to: number];
  /** Pods that answer 429 themselves. */
  readonly throttles?: (pod: number) => boolean;
}

/** One scrape of a cluster whose API server has no limits of its own. */
async function read({
  pods,
  takes = () => USUAL_MS,
  unread = () => 0,
  away,
  forbids = () => [0, 0],
  throttles = () => false,
}: Cluster) {
  const clock = createVirtualClock();
  const deadline = Deadline.in(SCRAPE_MS, clock);
  const lost = (why: string) => new ScrapeError('connection-lost', why, { retryable: true, overload: true });
  const isAway = (time: number) => away !== undefined && time >= away[0] && time < away[1];
  const indexOf = (name: string) => Number(name.slice(1));
  let active = 0;
  let mostActive = 0;
  let requests = 0;
  const readMetrics = async ({ name }: Pod, { remainingMs }: Deadline) => {
    requests += 1;
    active += 1;
    mostActive = Math.max(mostActive, active);
    const begun = clock.now();
    const ms = isAway(begun) ? 1 : takes(indexOf(name), begun);
    await clock.wait(Math.min(ms, remainingMs));
    active -= 1;
    if (isAway(begun)) throw lost('ECONNREFUSED');
    if (isAway(clock.now())) throw lost('ECONNRESET');
    const [from, to] = forbids(indexOf(name));
    if (begun >= from && begun < to) throw new ScrapeError('scrape-forbidden', '403', { retryable: true });
    if (throttles(indexOf(name)))
      throw new ScrapeError('scrape-throttled', '429', { retryable: true, overload: true });
    if (ms > remainingMs) throw new ScrapeError('scrape-timeout', 'no answer');
    return parseMetrics(Buffer.from('awscni_eni_max 4\n'));
  };
  const results = new Map<string, number>();
  await clock.run(
    scrape(
      { readMetrics },
      Array.from({ length: pods }, (_, index) => ({ name: `p${index}`, node: '' })),
      {
        concurrency: 100,
        timeoutMs: 3_000,
        deadline,
        clock,
        unreadCycles: (name) => unread(indexOf(name)),
      },
      (_, result) => {
        const code = result instanceof ScrapeError ? result.code : 'read';
        results.set(code, (results.get(code) ?? 0) + 1);
      },
    ),
  );
  return { tookMs: clock.now(), mostActive, requests, ...Object.fromEntries(results) };
}

/** Every n-th pod is of the kind. */
const every = (nth: number) => (pod: number) => pod % nth === 0;
const dead = (isDead: (pod: number) => boolean) => (pod: number) => (isDead(pod) ? Infinity : USUAL_MS);

describe('of 5,000 pods 5 % are dead', () => {
  const takes = dead(every(20));

  test('known for two cycles: they get a second, beside the others', async () => {
    const { tookMs, ...found } = await read({
      pods: 5_000,
      takes,
      unread: (pod) => (every(20)(pod) ? 2 : 0),
    });
    expect(found).toMatchObject({ read: 4_750, 'scrape-timeout': 250, requests: 5_000 });
    expect(tookMs).toBeLessThan(2_000);
  });

  test.each([1, 5, 10])('known for %i cycles: they get the whole limit', async (cycles) => {
    const { tookMs, ...found } = await read({
      pods: 5_000,
      takes,
      unread: (pod) => (every(20)(pod) ? cycles : 0),
    });
    expect(found).toMatchObject({ read: 4_750, 'scrape-timeout': 250 });
    expect(tookMs).toBeGreaterThanOrEqual(3_000);
    expect(tookMs).toBeLessThan(4_000);
  });

  test('not known: a request without an answer leaves its place to another pod', async () => {
    const { tookMs, ...found } = await read({ pods: 5_000, takes });
    expect(found).toMatchObject({ read: 4_750, 'scrape-timeout': 250 });
    expect(tookMs).toBeLessThan(6_000);
  });
});

test('of 15,000 pods 5 % have been dead for long: 750 of them are attempted, 250 at a time', async () => {
  const { tookMs, mostActive, ...found } = await read({
    pods: 15_000,
    takes: dead(every(20)),
    unread: (pod) => (every(20)(pod) ? 7 : 0),
  });
  expect(found).toMatchObject({ read: 14_250, 'scrape-timeout': 750 });
  expect(tookMs).toBeLessThan(4_000);
  expect(mostActive).toBeLessThanOrEqual(350);
});

test('after an outage of the API server, answers of other pods widen the unresponsive lane again', async () => {
  const { tookMs, ...found } = await read({
    pods: 15_000,
    takes: dead(every(20)),
    unread: (pod) => (every(20)(pod) ? 7 : 0),
    away: [100, 200],
  });
  expect(found).toMatchObject({ read: 14_250, 'scrape-timeout': 750 });
  expect(tookMs).toBeLessThan(4_000);
});

test('a third of 3,000 nodes dies at once: all others are read in the same cycle', async () => {
  const found = await read({ pods: 3_000, takes: dead(every(3)) });
  expect(found).toMatchObject({ read: 2_000, 'scrape-timeout': 1_000 });
});

test('a pod that answers again is read, however long it was unresponsive', async () => {
  expect(await read({ pods: 1_000, unread: () => 2 })).toMatchObject({ read: 1_000 });
});

test('a slow node that was unresponsive is read in every fifth cycle', async () => {
  const cycles = Array.from({ length: 11 }, (_, cycle) => cycle);
  const found = await Promise.all(
    cycles.map((unread) => read({ pods: 3, takes: () => 2_500, unread: () => unread })),
  );
  expect(cycles.filter((cycle) => Object.hasOwn(found[cycle] ?? {}, 'read'))).toEqual([0, 1, 5, 10]);
});

describe('no pod answers', () => {
  test.each([
    { pods: 1_000, unread: 0, atMostMs: 8_000 },
    { pods: 15_000, unread: 0, atMostMs: 8_000 },
    { pods: 1_000, unread: 7, atMostMs: 3_000 },
  ])(
    'of $pods, unresponsive for $unread cycles: a few are attempted, and the scrape ends soon',
    async (known) => {
      const { tookMs, requests, ...found } = await read({
        pods: known.pods,
        takes: () => Infinity,
        unread: () => known.unread,
      });
      expect(found).toMatchObject({ 'scrape-timeout': requests, 'not-attempted': known.pods - requests });
      expect(requests).toBeLessThan(400);
      expect(tookMs).toBeLessThan(known.atMostMs);
    },
  );

  test('of 30: all of them are attempted', async () => {
    const found = await read({ pods: 30, takes: () => Infinity });
    expect(found).toMatchObject({ tookMs: 3_000, 'scrape-timeout': 30 });
  });

  test('at first, as the API server hangs for 5.5 s: those that are attempted later are read', async () => {
    const found = await read({ pods: 1_000, takes: (_, begun) => Math.max(USUAL_MS, 5_500 - begun) });
    expect(found).toMatchObject({ read: 750, 'scrape-timeout': 250 });
  });

  test('except one in a hundred: all of them are attempted', async () => {
    const found = await read({ pods: 1_000, takes: dead((pod) => pod % 100 !== 40) });
    expect(found).toMatchObject({ read: 10, 'scrape-timeout': 990 });
  });
});

describe('an API server that restarts', () => {
  test.each([
    { what: 'for 3 s', away: [300, 3_300] },
    { what: 'for 15 s', away: [300, 15_300] },
    { what: 'for 15 s, from the start', away: [0, 15_000] },
    { what: 'for 30 s', away: [300, 30_300] },
  ] as const)('$what costs no pod', async ({ away }) => {
    const { tookMs, ...found } = await read({ pods: 5_000, away });
    expect(found).toMatchObject({ read: 5_000 });
    expect(tookMs).toBeLessThan(away[1] + 5_000);
  });

  test('is not overloaded by the pods that wait for it', async () => {
    const { requests } = await read({ pods: 5_000, away: [300, 15_300] });
    expect(requests).toBeLessThan(80_000);
  });

  test('and stays away: every pod fails at the deadline', async () => {
    const { tookMs, ...found } = await read({ pods: 300, away: [0, 60_000] });
    expect(found).toMatchObject({ 'connection-lost': 300 });
    expect(tookMs).toBeLessThanOrEqual(SCRAPE_MS);
  });

  test.each([
    { what: 'after some pods were read', away: [300, 3_300], forbids: [3_300, 13_300] },
    { what: 'before any pod was read', away: [0, 3_000], forbids: [3_000, 13_000] },
    { what: 'for less than the pauses of one pod, unseen', away: undefined, forbids: [300, 2_000] },
  ] as const)('and forbids everything at first costs no pod: $what', async ({ away, forbids }) => {
    const found = await read({ pods: 1_000, ...(away && { away }), forbids: () => forbids });
    expect(found).toMatchObject({ read: 1_000 });
  });
});

describe('a right that is missing', () => {
  test('from the start: every pod is attempted once', async () => {
    const found = await read({ pods: 1_000, forbids: () => [0, Infinity] });
    expect(found).toMatchObject({ requests: 1_000, 'scrape-forbidden': 1_000 });
    expect(found.tookMs).toBeLessThan(1_000);
  });

  test('for one pod, or a 403 of its own: it is given up after five attempts', async () => {
    const found = await read({ pods: 1_000, forbids: (pod) => (pod === 999 ? [0, Infinity] : [0, 0]) });
    expect(found).toMatchObject({ read: 999, requests: 1_004, 'scrape-forbidden': 1 });
    expect(found.tookMs).toBeLessThan(5_000);
  });
});

describe('100 of 5,000 pods answer 429 themselves', () => {
  const throttles = every(50);
  const takes = () => 100;

  test('in their first cycle all others are read well within the time', async () => {
    const { tookMs, ...found } = await read({ pods: 5_000, takes, throttles });
    expect(found).toMatchObject({ read: 4_900, 'scrape-throttled': 100 });
    expect(tookMs).toBeLessThan(20_000);
  });

  test('later they hardly slow the others', async () => {
    const unread = (pod: number) => (throttles(pod) ? 1 : 0);
    const { tookMs, ...found } = await read({ pods: 5_000, takes, throttles, unread });
    expect(found).toMatchObject({ read: 4_900, 'scrape-throttled': 100 });
    expect(tookMs).toBeLessThan(6_000);
  });
});
