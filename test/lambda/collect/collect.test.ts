import { describe, expect, test } from 'vitest';
import { parseMetrics } from '../../../lambda/adapters/api-server/parse-metrics.ts';
import { type Collector, collect, type Tick } from '../../../lambda/collect/collect.ts';
import type { Claim } from '../../../lambda/collect/ports.ts';
import type { Metric } from '../../../lambda/domain/metric.ts';
import type { Readings } from '../../../lambda/domain/state/state.ts';
import { CollectorError, ScrapeError } from '../../../lambda/errors.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;

/** What each pod answers: text, or why it cannot be read. */
type Answers = Readonly<Record<string, string | ScrapeError>>;

const answer = (assigned: number, total: number, added: number) =>
  `process_start_time_seconds 1.7e9\nawscni_assigned_ip_addresses ${assigned}\n` +
  `awscni_total_ip_addresses ${total}\nawscni_add_ip_req_count ${added}\n`;

const THREE: Answers = { a: answer(3, 10, 100), b: answer(5, 10, 70), c: answer(10, 10, 7) };

interface Script {
  answers?: Answers | CollectorError;
  claim?: Claim | CollectorError;
  publish?: CollectorError;
  commit?: CollectorError;
  subnets?: Collector['subnets'];
}

/** A collector on ports that follow a script and write down what they were asked. */
function scripted({ answers = THREE, claim, publish, commit, subnets }: Script = {}) {
  const asked: string[] = [];
  const sent: (readonly Metric[])[] = [];
  let committed: Readings | undefined;
  const collector: Collector = {
    cluster: 'prod',
    clusterId: 'prod-id',
    api: {
      async listPods() {
        asked.push('list');
        if (answers instanceof CollectorError) throw answers;
        return Object.keys(answers).map((name) => ({ name, node: `node-${name}` }));
      },
      async readMetrics({ name }) {
        asked.push(`read ${name}`);
        const answered = answers instanceof CollectorError ? undefined : answers[name];
        if (typeof answered !== 'string') throw answered;
        return parseMetrics(Buffer.from(answered));
      },
    },
    readings: {
      async read() {
        asked.push('peek');
        return committed;
      },
      async claim(tick, untilMs) {
        asked.push(`claim ${new Date(tick).toISOString()} for ${untilMs} ms`);
        if (claim instanceof CollectorError) throw claim;
        return claim ?? { outcome: 'granted', readings: committed };
      },
      async commit(readings) {
        asked.push('commit');
        if (commit) throw commit;
        committed = readings;
      },
    },
    sink: {
      name: 'notebook',
      async publish(metrics, time) {
        asked.push(`publish ${new Date(time).toISOString()}`);
        if (publish) throw publish;
        sent.push(metrics);
        return { datums: metrics.length, requests: 1 };
      },
    },
    subnets,
    scrape: { timeoutMs: 3_000, concurrency: 1 },
    clock: { now: () => NOON, elapsed: () => 0 },
    wait: () => Promise.reject(new Error('nothing here waits')),
    notices: [],
  };
  return { collector, asked, sent, committed: () => committed };
}

const tick = (time = NOON, rest: Partial<Tick> = {}): Tick => ({
  time,
  dryRun: false,
  remainingMs: () => 50_000,
  ...rest,
});

const valueIn = (metrics: readonly Metric[] | undefined, name: string) => {
  const metric = metrics?.find((candidate) => candidate.name === name);
  return metric && ('value' in metric ? metric.value : metric);
};

test('a cycle claims, lists, reads, publishes and commits, in this order', async () => {
  const { collector, asked } = scripted();
  await collect(collector, tick());
  expect(asked).toEqual([
    'claim 2026-11-22T12:00:00.000Z for 170000 ms',
    'list',
    'read a',
    'read b',
    'read c',
    'publish 2026-11-22T12:00:00.000Z',
    'commit',
  ]);
});

test('its report says what was published, and what it covers', async () => {
  const { collector, sent } = scripted();
  const { report, failure } = await collect(collector, tick());
  expect(failure).toBeUndefined();
  expect(report).toEqual({
    cluster: 'prod',
    clusterId: 'prod-id',
    time: '2026-11-22T12:00:00.000Z',
    pods: { found: 3, read: 3, failed: 0, ipv6: 0, failures: [] },
    metrics: sent[0],
    published: { sink: 'notebook', datums: sent[0]?.length, requests: 1 },
    counters: { baselined: 3, restarted: 0 },
    durationsMs: { discover: 0, scrape: 0, publish: 0, total: 0 },
    warnings: [],
    fullest: [
      { node: 'node-c', pod: 'c', assigned: 10, total: 10, percent: 100 },
      { node: 'node-b', pod: 'b', assigned: 5, total: 10, percent: 50 },
      { node: 'node-a', pod: 'a', assigned: 3, total: 10, percent: 30 },
    ],
  });
  expect(valueIn(sent[0], 'assignIPAddresses')).toBe(18);
});

test('collectDuration is the time from start to publish; the report adds the rest', async () => {
  const { collector } = scripted();
  const { api, readings, sink } = collector;
  let now = 1_000;
  const takes =
    <Args extends unknown[], T>(ms: number, call: (...args: Args) => Promise<T>) =>
    async (...args: Args) => {
      now += ms;
      return call(...args);
    };
  const { report } = await collect(
    {
      ...collector,
      clock: { now: () => NOON, elapsed: () => now },
      api: { listPods: takes(20, api.listPods), readMetrics: takes(300, api.readMetrics) },
      readings: { ...readings, claim: takes(5, readings.claim), commit: takes(50_000, readings.commit) },
      sink: sink && { ...sink, publish: takes(4_000, sink.publish) },
    },
    tick(),
  );
  expect(valueIn(report.metrics, 'collectDuration')).toBe(5 + 20 + 3 * 300);
  expect(report.durationsMs).toEqual({
    discover: 20,
    scrape: 3 * 300,
    publish: 4_000 + 50_000,
    total: 5 + 20 + 3 * 300 + 4_000 + 50_000,
  });
});

test('a tick that is skipped reports the time that the claim took', async () => {
  const { collector } = scripted();
  let now = 1_000;
  const { report } = await collect(
    {
      ...collector,
      clock: { now: () => NOON, elapsed: () => now },
      readings: {
        ...collector.readings,
        async claim() {
          now += 5;
          return { outcome: 'published', at: NOON };
        },
      },
    },
    tick(),
  );
  expect(report.durationsMs).toEqual({ discover: 0, scrape: 0, publish: 0, total: 5 });
});

describe('counters', () => {
  test('are left out of the first cycle, and count from there', async () => {
    const first = scripted();
    await collect(first.collector, tick());
    expect(valueIn(first.sent[0], 'addReqCount')).toBeUndefined();
    expect(valueIn(first.sent[0], 'ipamdRestarts')).toBeUndefined();

    const second = scripted({
      answers: { a: answer(3, 10, 104), b: answer(5, 10, 70), c: answer(9, 10, 10) },
      claim: { outcome: 'granted', readings: first.committed() },
    });
    const { report } = await collect(second.collector, tick(NOON + MINUTE));
    expect(valueIn(report.metrics, 'addReqCount')).toBe(7);
    expect(valueIn(report.metrics, 'ipamdRestarts')).toBe(0);
  });

  test('are not advanced where the publishing failed, and the invocation fails', async () => {
    const publish = new CollectorError('publish-failed', 'CloudWatch is away');
    const { collector, asked } = scripted({ publish });
    const { report, failure } = await collect(collector, tick());
    expect(failure).toBe(publish);
    expect(report.published).toBeNull();
    expect(asked).not.toContain('commit');
  });

  test('are withheld while the store is away; the rest is published, then the invocation fails', async () => {
    const claim = new CollectorError('state-failed', 'S3 is away');
    const { collector, asked, sent } = scripted({ claim });
    const { report, failure } = await collect(collector, tick());
    expect(failure).toBe(claim);
    expect(report.warnings).toEqual([{ code: 'counters-withheld', message: claim.message }]);
    expect(valueIn(sent[0], 'assignIPAddresses')).toBe(18);
    expect(asked).not.toContain('commit');
  });

  test('are withheld while an earlier run is at work', async () => {
    const { collector, asked, sent } = scripted({ claim: { outcome: 'busy', by: NOON - MINUTE } });
    const { report, failure } = await collect(collector, tick());
    expect(failure).toBeUndefined();
    expect(report.warnings).toEqual([
      { code: 'counters-withheld', message: 'another run is still at work on 2026-11-22T11:59:00.000Z' },
    ]);
    expect(valueIn(sent[0], 'awsNodePods')).toBe(3);
    expect(asked).not.toContain('commit');
  });

  test('a commit that fails is a warning: the metrics are published', async () => {
    const commit = new CollectorError('state-failed', 'S3 is away');
    const { collector } = scripted({ commit });
    const { report, failure } = await collect(collector, tick());
    expect(failure).toBeUndefined();
    expect(report.published).not.toBeNull();
    expect(report.warnings).toEqual([{ code: 'commit-failed', message: commit.message }]);
  });

  test('readings that were set aside are said', async () => {
    const setAside = { key: 'state.set-aside', reason: 'not gzip' };
    const { collector } = scripted({ claim: { outcome: 'granted', readings: undefined, setAside } });
    const { report } = await collect(collector, tick());
    expect(report.warnings).toEqual([
      { code: 'state-set-aside', message: 'not gzip; copied to state.set-aside' },
    ]);
  });
});

describe('a delivery of a tick', () => {
  test.each<{ name: string; claim: Claim; message: string }>([
    {
      name: 'that is published already',
      claim: { outcome: 'published', at: NOON },
      message: '2026-11-22T12:00:00.000Z is not later than 2026-11-22T12:00:00.000Z, the last published tick',
    },
    {
      name: 'that another run is publishing',
      claim: { outcome: 'busy', by: NOON },
      message: 'another run is publishing 2026-11-22T12:00:00.000Z at this moment',
    },
    {
      name: 'that a later run overtook',
      claim: { outcome: 'busy', by: NOON + MINUTE },
      message: 'another run is publishing 2026-11-22T12:01:00.000Z at this moment',
    },
  ])('$name is skipped, and says so', async ({ claim, message }) => {
    const { collector, asked } = scripted({ claim });
    const { report, failure } = await collect(collector, tick());
    expect(failure).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect(report).toMatchObject({
      pods: { found: 0, read: 0, failed: 0 },
      metrics: [],
      published: null,
      warnings: [{ code: 'tick-published', message }],
    });
  });
});

test('a dry run neither claims nor publishes nor commits, and reports every value', async () => {
  const { collector, asked } = scripted();
  const { report, failure } = await collect(collector, tick(NOON, { dryRun: true }));
  expect(failure).toBeUndefined();
  expect(asked).toEqual(['peek', 'list', 'read a', 'read b', 'read c']);
  expect(report.published).toBeNull();
  expect(valueIn(report.metrics, 'assignIPAddresses')).toBe(18);
});

test('without a sink all but the publishing is done', async () => {
  const { collector, asked } = scripted();
  const { report } = await collect({ ...collector, sink: undefined }, tick());
  expect(report.published).toBeNull();
  expect(asked.at(-1)).toBe('commit');
});

describe('pods that cannot be read', () => {
  test('cost their own numbers alone, and are named with the cause', async () => {
    const { collector } = scripted({
      answers: {
        ...THREE,
        d: new ScrapeError('port-unreachable', 'dial tcp 10.0.0.4:61678: i/o timeout'),
        e: 'awscni_eni_max much\n',
      },
    });
    const { report, failure } = await collect(collector, tick());
    expect(failure).toBeUndefined();
    expect(report.pods).toMatchObject({
      found: 5,
      read: 3,
      failed: 2,
      failures: [
        { code: 'port-unreachable', count: 1, pods: ['d'], example: 'dial tcp 10.0.0.4:61678: i/o timeout' },
        { code: 'unparsable', count: 1, pods: ['e'], example: expect.stringMatching(/^line 1: /) },
      ],
    });
    expect(report.warnings.map(({ code }) => code)).toEqual(['partial-coverage', 'partial-coverage']);
    expect(['awsNodePods', 'scrapedPods', 'failedPods'].map((name) => valueIn(report.metrics, name))).toEqual(
      [5, 3, 2],
    );
    expect(valueIn(report.metrics, 'assignIPAddresses')).toBe(18);
  });

  const COVERAGE = (found: number) => [
    { name: 'awsNodePods', unit: 'Count', value: found },
    { name: 'scrapedPods', unit: 'Count', value: 0 },
    { name: 'failedPods', unit: 'Count', value: found },
  ];

  test('if they are all of them, coverage alone is published and the invocation fails', async () => {
    const refused = new ScrapeError('port-refused', 'dial tcp 10.0.0.4:61678: connect: connection refused');
    const { collector, asked, sent } = scripted({ answers: { a: refused, b: refused, c: refused } });
    const { report, failure } = await collect(collector, tick());
    expect(sent).toEqual([COVERAGE(3)]);
    expect(report.published).toEqual({ sink: 'notebook', datums: 3, requests: 1 });
    expect(failure).toMatchObject({
      code: 'no-pods-read',
      message: expect.stringContaining(
        'none of 3 aws-node pods could be read: port-refused on 3 pods (a, b, c)',
      ),
      remedy: expect.stringContaining('DISABLE_METRICS'),
    });
    expect(asked).not.toContain('commit');
  });

  test('the remedy is for what was seen, not for the pods whose turn did not come', async () => {
    let left = 10_000;
    const { collector } = scripted();
    const readMetrics: Collector['api']['readMetrics'] = async () => {
      left -= 8_000;
      throw new ScrapeError('port-unreachable', 'dial tcp 10.0.0.4:61678: i/o timeout');
    };
    const { failure } = await collect(
      { ...collector, api: { ...collector.api, readMetrics } },
      tick(NOON, { remainingMs: () => left }),
    );
    expect(failure).toMatchObject({
      code: 'no-pods-read',
      message: expect.stringContaining('deadline-reached on 2 pods'),
      remedy: expect.stringContaining('tcp/61678'),
    });
  });

  test('no pods at all: coverage alone is published and the invocation fails', async () => {
    const { collector, sent } = scripted({ answers: {} });
    const { failure } = await collect(collector, tick());
    expect(sent).toEqual([COVERAGE(0)]);
    expect(failure).toMatchObject({ code: 'no-pods', remedy: expect.stringContaining('Auto Mode') });
  });
});

test('a list that fails fails the invocation: there is nothing to report', async () => {
  const refused = new CollectorError('api-forbidden', 'pods is forbidden');
  const { collector, asked } = scripted({ answers: refused });
  await expect(collect(collector, tick())).rejects.toBe(refused);
  expect(asked).not.toContain('publish');
});

test('the time for publishing is kept back: pods not reached by then count as failed', async () => {
  let left = 10_000;
  const { collector, asked } = scripted();
  const readMetrics: Collector['api']['readMetrics'] = async (pod, budgetMs) => {
    expect(budgetMs).toBeLessThanOrEqual(left - 3_000);
    left -= 4_000;
    return collector.api.readMetrics(pod, budgetMs);
  };
  const { report } = await collect(
    { ...collector, api: { ...collector.api, readMetrics } },
    tick(NOON, { remainingMs: () => left }),
  );
  expect(report.pods).toMatchObject({
    found: 3,
    read: 2,
    failures: [{ code: 'deadline-reached', pods: ['c'] }],
  });
  expect(asked.slice(-2)).toEqual(['publish 2026-11-22T12:00:00.000Z', 'commit']);
});

describe('in a short invocation', () => {
  /** What uses up all the time it gets, then gives up. */
  function hanging(hangs: 'claim' | 'publish' | 'commit' | 'subnets') {
    let left = 3_000;
    const { collector, sent } = scripted();
    const hang = (name: typeof hangs, budgetMs: number, code: 'state-failed' | 'publish-failed') => {
      if (name !== hangs) return;
      left -= budgetMs;
      throw new CollectorError(code, `no answer within ${budgetMs} ms`);
    };
    const { readings, sink } = collector;
    const outcome = collect(
      {
        ...collector,
        readings: {
          ...readings,
          async claim(time, untilMs, budgetMs) {
            hang('claim', budgetMs, 'state-failed');
            return readings.claim(time, untilMs, budgetMs);
          },
          async commit(next, budgetMs) {
            hang('commit', budgetMs, 'state-failed');
            return readings.commit(next, budgetMs);
          },
        },
        sink: sink && {
          ...sink,
          async publish(metrics, time, budgetMs) {
            hang('publish', budgetMs, 'publish-failed');
            return sink.publish(metrics, time, budgetMs);
          },
        },
        subnets: async (budgetMs) => {
          if (hangs === 'subnets') left -= budgetMs;
          return { metrics: [], warnings: [] };
        },
      },
      tick(NOON, { remainingMs: () => left }),
    );
    return { outcome, sent, left: () => left };
  }

  test('readings that hang cost the counters: every pod is read and published', async () => {
    const { outcome, sent } = hanging('claim');
    expect(await outcome).toMatchObject({
      report: { pods: { found: 3, read: 3 } },
      failure: { code: 'state-failed' },
    });
    expect(valueIn(sent[0], 'assignIPAddresses')).toBe(18);
  });

  test('subnets that hang leave the time for publishing', async () => {
    const { outcome, left } = hanging('subnets');
    await outcome;
    expect(left()).toBeGreaterThan(500);
  });

  test.each(['publish', 'commit'] as const)('a %s that hangs leaves time to say so', async (hangs) => {
    const { outcome, left } = hanging(hangs);
    const { report, failure } = await outcome;
    expect(failure?.code ?? report.warnings[0]?.code).toBe(`${hangs}-failed`);
    expect(left()).toBeGreaterThan(0);
  });
});

test('what the subnets say is published with the rest, and their warnings are passed on', async () => {
  const metric = { name: 'subnetAvailableIPsMin', unit: 'Count', value: 9 } as const;
  const warning = { code: 'subnets-unavailable', message: 'EC2 is away' } as const;
  const { collector, sent } = scripted({ subnets: async () => ({ metrics: [metric], warnings: [warning] }) });
  const { report } = await collect(collector, tick());
  expect(sent[0]).toContainEqual(metric);
  expect(report.warnings).toEqual([warning]);
});

test('samples that are no numbers are left out, and said', async () => {
  const { collector } = scripted({
    answers: { ...THREE, d: `${answer(1, 2, 3)}awscni_eni_max NaN\nawscni_ip_max +Inf\n` },
  });
  const { report } = await collect(collector, tick());
  expect(valueIn(report.metrics, 'eniMaxAvailable')).toBeUndefined();
  expect(report.warnings).toEqual([{ code: 'not-finite', message: '2 samples left out, on d' }]);
});
