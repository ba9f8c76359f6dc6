import { describe, expect, test } from 'vitest';
import { collect } from '../../../lambda/collect/collect.ts';
import type { Collector, Cycle } from '../../../lambda/collect/cycle.ts';
import type { ClusterReader, Lease } from '../../../lambda/collect/ports.ts';
import { Deadline } from '../../../lambda/deadline.ts';
import type { Metric } from '../../../lambda/domain/metric.ts';
import type { State } from '../../../lambda/domain/state/state.ts';
import { CollectorError, ScrapeError } from '../../../lambda/errors.ts';
import { type Answers, clusterOf, collectorOf, stillClock } from '../../support/collector.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;

const answer = (assigned: number, total: number, added: number) =>
  `process_start_time_seconds 1.7e9\nawscni_assigned_ip_addresses ${assigned}\n` +
  `awscni_total_ip_addresses ${total}\nawscni_add_ip_req_count ${added}\n`;

const THREE: Answers = { a: answer(3, 10, 100), b: answer(5, 10, 70), c: answer(10, 10, 7) };

interface Script {
  answers?: Answers | CollectorError;
  lease?: Lease | CollectorError;
  publish?: CollectorError;
  prepare?: CollectorError;
  commit?: CollectorError;
  subnets?: Collector['subnets'];
}

/** A collector on ports that follow a script and write down what they were asked. */
function scripted({ answers = THREE, lease, publish, prepare, commit, subnets }: Script = {}) {
  const asked: string[] = [];
  const sent: (readonly Metric[])[] = [];
  let prepared: State | undefined;
  let committed: State | undefined;
  const { listPods, readMetrics } = clusterOf(answers instanceof CollectorError ? {} : answers);
  const cluster: ClusterReader = {
    async listPods(...args) {
      asked.push('list');
      if (answers instanceof CollectorError) throw answers;
      return listPods(...args);
    },
    async readMetrics(pod, deadline) {
      asked.push(`read ${pod.name}`);
      return readMetrics(pod, deadline);
    },
  };
  const collector = collectorOf({
    cluster,
    state: {
      async read() {
        asked.push('read the state');
        return committed;
      },
      async acquire(tick, leaseMs) {
        asked.push(`lease ${new Date(tick).toISOString()} for ${leaseMs} ms`);
        if (lease instanceof CollectorError) throw lease;
        return lease ?? { outcome: 'acquired', state: committed };
      },
      async prepare(state) {
        asked.push('prepare');
        if (prepare) throw prepare;
        prepared = state;
      },
      async commit() {
        asked.push('commit');
        if (commit) throw commit;
        committed = prepared;
      },
      async rollback() {
        asked.push('roll back');
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
    clock: stillClock(NOON),
  });
  return { collector, cluster, asked, sent, committed: () => committed };
}

/** A clock that somebody else moves. */
const clockAt = (elapsed: () => number) => stillClock(NOON, elapsed);

const tick = (time = NOON, rest: Partial<Cycle> = {}): Cycle => ({
  time,
  dryRun: false,
  deadline: Deadline.in(50_000, stillClock(NOON)),
  ...rest,
});

const valueIn = (metrics: readonly Metric[] | undefined, name: string) => {
  const metric = metrics?.find((candidate) => candidate.name === name);
  return metric && ('value' in metric ? metric.value : metric);
};

test('a cycle acquires the lease, lists, reads, prepares, publishes and commits, in this order', async () => {
  const { collector, asked } = scripted();
  await collect(collector, tick());
  expect(asked).toEqual([
    'lease 2026-11-22T12:00:00.000Z for 170000 ms',
    'list',
    'read a',
    'read b',
    'read c',
    'prepare',
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
    pods: {
      found: 3,
      read: 3,
      failed: 0,
      ipv6: 0,
      failures: [],
      unknown: [
        {
          why: 'family-missing',
          metrics: expect.arrayContaining(['eniAllocated', 'ec2ApiReqCount']),
          count: 3,
          pods: ['a', 'b', 'c'],
        },
      ],
    },
    metrics: sent[0],
    missing: [
      { why: 'family-missing', metrics: expect.arrayContaining(['eniAllocated']) },
      { why: 'no-earlier-reading', metrics: expect.arrayContaining(['addReqCount', 'ipamdRestarts']) },
      { why: 'subnets-off', metrics: expect.arrayContaining(['subnetAvailableIPs']) },
    ],
    cni: { versions: { unknown: 3 } },
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
  const { collector, cluster } = scripted();
  const { state, sink } = collector;
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
      clock: clockAt(() => now),
      cluster: { listPods: takes(20, cluster.listPods), readMetrics: takes(300, cluster.readMetrics) },
      state: { ...state, acquire: takes(5, state.acquire), commit: takes(50_000, state.commit) },
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

test('a tick that is skipped reports how long acquiring the lease took', async () => {
  const { collector } = scripted();
  let now = 1_000;
  const { report } = await collect(
    {
      ...collector,
      clock: clockAt(() => now),
      state: {
        ...collector.state,
        async acquire() {
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
      lease: { outcome: 'acquired', state: first.committed() },
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
    expect(asked.slice(-2)).toEqual(['publish 2026-11-22T12:00:00.000Z', 'roll back']);
  });

  test('are withheld where the state cannot be prepared; the rest is published, then the invocation fails', async () => {
    const first = scripted();
    await collect(first.collector, tick());
    const prepare = new CollectorError('state-failed', 'S3 is away');
    const { collector, asked, sent } = scripted({
      prepare,
      lease: { outcome: 'acquired', state: first.committed() },
    });
    const { report, failure } = await collect(collector, tick(NOON + MINUTE));
    expect(failure).toBe(prepare);
    expect(report.warnings).toEqual([{ code: 'counters-withheld', message: prepare.message }]);
    expect(valueIn(sent[0], 'addReqCount')).toBeUndefined();
    expect(valueIn(sent[0], 'assignIPAddresses')).toBe(18);
    expect(asked.at(-1)).toBe('publish 2026-11-22T12:01:00.000Z');
  });

  test('that a run may have published before it ended are reported', async () => {
    const { collector } = scripted({ lease: { outcome: 'acquired', state: undefined, unfinished: NOON } });
    const { report } = await collect(collector, tick(NOON + MINUTE));
    expect(report.warnings).toEqual([
      {
        code: 'publish-uncertain',
        message: 'a run ended while it published 2026-11-22T12:00:00.000Z: its events count as published',
      },
    ]);
  });

  test('are withheld while the store is away; the rest is published, then the invocation fails', async () => {
    const lease = new CollectorError('state-failed', 'S3 is away');
    const { collector, asked, sent } = scripted({ lease });
    const { report, failure } = await collect(collector, tick());
    expect(failure).toBe(lease);
    expect(report.warnings).toEqual([{ code: 'counters-withheld', message: lease.message }]);
    expect(valueIn(sent[0], 'assignIPAddresses')).toBe(18);
    expect(asked).not.toContain('commit');
  });

  test('are withheld while an earlier run holds the lease', async () => {
    const { collector, asked, sent } = scripted({ lease: { outcome: 'held', by: NOON - MINUTE } });
    const { report, failure } = await collect(collector, tick());
    expect(failure).toBeUndefined();
    expect(report.warnings).toEqual([
      {
        code: 'counters-withheld',
        message: 'another run still holds the lease for 2026-11-22T11:59:00.000Z',
      },
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

  test('a quarantined state is reported', async () => {
    const quarantine = { key: 'state.quarantine', reason: 'not gzip' };
    const { collector } = scripted({ lease: { outcome: 'acquired', state: undefined, quarantine } });
    const { report } = await collect(collector, tick());
    expect(report.warnings).toEqual([
      { code: 'state-quarantined', message: 'not gzip; copied to state.quarantine' },
    ]);
  });
});

describe('a delivery of a tick', () => {
  test.each<{ name: string; lease: Lease; message: string }>([
    {
      name: 'that is published already',
      lease: { outcome: 'published', at: NOON },
      message: '2026-11-22T12:00:00.000Z is not later than 2026-11-22T12:00:00.000Z, the last published tick',
    },
    {
      name: 'that another run is publishing',
      lease: { outcome: 'held', by: NOON },
      message: 'another run is publishing 2026-11-22T12:00:00.000Z now',
    },
    {
      name: 'that a later run overtook',
      lease: { outcome: 'held', by: NOON + MINUTE },
      message: 'another run is publishing 2026-11-22T12:01:00.000Z now',
    },
  ])('$name is skipped, and says so', async ({ lease, message }) => {
    const { collector, asked } = scripted({ lease });
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

test.each<Lease>([
  { outcome: 'acquired', state: undefined },
  { outcome: 'published', at: NOON },
  { outcome: 'held', by: NOON },
  { outcome: 'held', by: NOON - MINUTE },
])('a lease that is refused too often fails the invocation: $outcome', async (refused) => {
  const refusal = new CollectorError('state-failed', 'refused for 5 ticks');
  const { collector } = scripted({ lease: { ...refused, failure: refusal } });
  expect(await collect(collector, tick())).toMatchObject({ failure: refusal });
});

test.each([
  { minutes: 5, warnings: [] },
  {
    minutes: 90,
    warnings: [
      {
        code: 'tick-late',
        message: 'the scheduled time is 90 min ago; all metrics of this cycle carry it',
      },
    ],
  },
])('a scheduled time $minutes min ago: $warnings.length warnings', async ({ minutes, warnings }) => {
  const { collector } = scripted();
  const { report } = await collect(collector, tick(NOON - minutes * MINUTE));
  expect(report.warnings).toEqual(warnings);
});

test('pods with too many AWS APIs are named', async () => {
  const many = Array.from(
    { length: 65 },
    (_, index) =>
      `awscni_aws_api_latency_ms_sum{api="x${100 + index}"} 1\nawscni_aws_api_latency_ms_count{api="x${100 + index}"} 1\n`,
  ).join('');
  const { collector } = scripted({ answers: { ...THREE, x: answer(1, 2, 3) + many } });
  const { report } = await collect(collector, tick());
  expect(report.warnings).toEqual([
    {
      code: 'apis-folded',
      message: 'more AWS APIs than the 64 that are counted apart, on 1 pod (x)',
    },
  ]);
});

test('a dry run takes no lease, publishes nothing, commits nothing, and reports every value', async () => {
  const { collector, asked } = scripted();
  const { report, failure } = await collect(collector, tick(NOON, { dryRun: true }));
  expect(failure).toBeUndefined();
  expect(asked).toEqual(['read the state', 'list', 'read a', 'read b', 'read c']);
  expect(report.published).toBeNull();
  expect(valueIn(report.metrics, 'assignIPAddresses')).toBe(18);
});

test('without a sink everything but publishing is done', async () => {
  const { collector, asked } = scripted();
  const { report } = await collect({ ...collector, sink: undefined }, tick());
  expect(report.published).toBeNull();
  expect(asked.at(-1)).toBe('commit');
});

describe('pods that cannot be read', () => {
  test('cost only their own numbers, and are reported with the cause', async () => {
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

  test('if no pod is read, only coverage is published and the invocation fails', async () => {
    const refused = new ScrapeError('port-refused', 'dial tcp 10.0.0.4:61678: connect: connection refused');
    const { collector, asked, sent, committed } = scripted({
      answers: { a: refused, b: refused, c: refused },
    });
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
    expect(asked.at(-1)).toBe('commit');
    expect(committed()?.pods.get('a')).toEqual({ last: 'baseline', unread: { since: NOON, cycles: 1 } });
  });

  test('the remedy concerns the observed failures, not the pods that were not attempted', async () => {
    let now = 0;
    const clock = clockAt(() => now);
    const { collector, cluster } = scripted();
    const readMetrics: ClusterReader['readMetrics'] = async () => {
      now += 8_000;
      throw new ScrapeError('port-unreachable', 'dial tcp 10.0.0.4:61678: i/o timeout');
    };
    const { failure } = await collect(
      { ...collector, clock, cluster: { ...cluster, readMetrics } },
      tick(NOON, { deadline: Deadline.in(10_000, clock) }),
    );
    expect(failure).toMatchObject({
      code: 'no-pods-read',
      message: expect.stringContaining('deadline-reached on 2 pods'),
      remedy: expect.stringContaining('tcp/61678'),
    });
  });

  test('if no pod is found, only coverage is published and the invocation fails', async () => {
    const { collector, sent } = scripted({ answers: {} });
    const { failure } = await collect(collector, tick());
    expect(sent).toEqual([COVERAGE(0)]);
    expect(failure).toMatchObject({ code: 'no-pods', remedy: expect.stringContaining('Auto Mode') });
  });
});

test('if the list fails, the invocation fails without a report', async () => {
  const refused = new CollectorError('api-forbidden', 'pods is forbidden');
  const { collector, asked } = scripted({ answers: refused });
  await expect(collect(collector, tick())).rejects.toBe(refused);
  expect(asked).not.toContain('publish');
});

test('time for publishing is reserved: pods not reached by then count as failed', async () => {
  let now = 0;
  const clock = clockAt(() => now);
  const { collector, cluster, asked } = scripted();
  const invocation = Deadline.in(10_000, clock);
  const readMetrics: ClusterReader['readMetrics'] = async (pod, deadline) => {
    expect(deadline.remainingMs).toBeLessThanOrEqual(invocation.remainingMs - 3_000);
    now += 4_000;
    return cluster.readMetrics(pod, deadline);
  };
  const { report } = await collect(
    { ...collector, clock, cluster: { ...cluster, readMetrics } },
    tick(NOON, { deadline: invocation }),
  );
  expect(report.pods).toMatchObject({
    found: 3,
    read: 2,
    failures: [{ code: 'deadline-reached', pods: ['c'] }],
  });
  expect(asked.slice(-3)).toEqual(['prepare', 'publish 2026-11-22T12:00:00.000Z', 'commit']);
});

describe('in a short invocation', () => {
  /** What uses up all the time it gets, then gives up. */
  function hanging(hangs: 'lease' | 'prepare' | 'publish' | 'commit' | 'subnets') {
    let now = 0;
    const clock = clockAt(() => now);
    const invocation = Deadline.in(3_000, clock);
    const { collector, sent } = scripted();
    const hang = (name: typeof hangs, deadline: Deadline, code: 'state-failed' | 'publish-failed') => {
      if (name !== hangs) return;
      now += deadline.remainingMs;
      throw new CollectorError(code, 'no answer in time');
    };
    const { state, sink } = collector;
    const outcome = collect(
      {
        ...collector,
        clock,
        state: {
          ...state,
          async acquire(time, leaseMs, deadline) {
            hang('lease', deadline, 'state-failed');
            return state.acquire(time, leaseMs, deadline);
          },
          async prepare(next, deadline) {
            hang('prepare', deadline, 'state-failed');
            return state.prepare(next, deadline);
          },
          async commit(deadline) {
            hang('commit', deadline, 'state-failed');
            return state.commit(deadline);
          },
        },
        sink: sink && {
          ...sink,
          async publish(metrics, time, deadline) {
            hang('publish', deadline, 'publish-failed');
            return sink.publish(metrics, time, deadline);
          },
        },
        subnets: async (deadline) => {
          if (hangs === 'subnets') now += deadline.remainingMs;
          return { subnets: [] };
        },
      },
      tick(NOON, { deadline: invocation }),
    );
    return { outcome, sent, left: () => invocation.remainingMs };
  }

  test('a store that hangs costs the counters: every pod is read and published', async () => {
    const { outcome, sent } = hanging('lease');
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

  test('a state that cannot be prepared leaves time to publish', async () => {
    const { outcome, sent } = hanging('prepare');
    expect(await outcome).toMatchObject({ failure: { code: 'state-failed' } });
    expect(valueIn(sent[0], 'assignIPAddresses')).toBe(18);
  });

  test.each([
    { hangs: 'publish', leaves: 150 },
    { hangs: 'commit', leaves: 50 },
  ] as const)('a $hangs that hangs leaves time to say so', async ({ hangs, leaves }) => {
    const { outcome, left } = hanging(hangs);
    const { report, failure } = await outcome;
    expect(failure?.code ?? report.warnings[0]?.code).toBe(`${hangs}-failed`);
    expect(left()).toBeGreaterThan(leaves);
  });
});

test('subnet metrics are published with the rest, and their warnings are reported', async () => {
  const subnet = { id: 'subnet-1', vpcId: 'vpc-1', prefix: 24, available: 9, tags: new Map() };
  const { collector, sent } = scripted({
    subnets: async () => ({ subnets: [subnet], warning: 'EC2 has no subnet subnet-2' }),
  });
  const { report } = await collect(collector, tick());
  expect(valueIn(sent[0], 'subnetAvailableIPsMin')).toBe(9);
  expect(report.warnings).toEqual([{ code: 'subnets-unavailable', message: 'EC2 has no subnet subnet-2' }]);
});

const SUBNET = { id: 'subnet-1', vpcId: 'vpc-1', prefix: 24, available: 2, tags: new Map() };
const SUBNET_METRICS = ['subnetAvailableIPs', 'subnetAvailableIPsMin', 'subnetAvailablePercentMin'];
const namesOf = (metrics: readonly Metric[] | undefined) => metrics?.map(({ name }) => name);

describe('subnet metrics are published', () => {
  const subnets = async () => ({ subnets: [SUBNET] });

  test.each<{ what: string; answers: Answers; code: string }>([
    {
      what: 'no pod is read',
      answers: { a: new ScrapeError('scrape-timeout', 'silent') },
      code: 'no-pods-read',
    },
    { what: 'there is no pod', answers: {}, code: 'no-pods' },
  ])('where $what', async ({ answers, code }) => {
    const { collector, sent } = scripted({ answers, subnets });
    const { failure } = await collect(collector, tick());
    expect(failure).toMatchObject({ code });
    expect(sent.map(namesOf)).toEqual([['awsNodePods', 'scrapedPods', 'failedPods', ...SUBNET_METRICS]]);
  });

  test('where the API server is away; then the invocation fails', async () => {
    const answers = new CollectorError('api-unreachable', 'no connection');
    const { collector, sent } = scripted({ answers, subnets });
    await expect(collect(collector, tick())).rejects.toBe(answers);
    expect(sent.map(namesOf)).toEqual([SUBNET_METRICS]);
  });

  test('unless it is a dry run', async () => {
    const answers = new CollectorError('api-unreachable', 'no connection');
    const { collector, sent } = scripted({ answers, subnets });
    await expect(collect(collector, tick(NOON, { dryRun: true }))).rejects.toBe(answers);
    expect(sent).toEqual([]);
  });

  test('by a cluster without aws-node pods, which is healthy: nothing is listed and no lease is taken', async () => {
    const { collector, sent, asked } = scripted({ subnets });
    const { report, failure } = await collect({ ...collector, cluster: undefined }, tick());
    expect(failure).toBeUndefined();
    expect(report).toMatchObject({ pods: { found: 0, read: 0, failed: 0 }, warnings: [] });
    expect(sent.map(namesOf)).toEqual([['collectDuration', ...SUBNET_METRICS]]);
    expect(asked).toEqual(['publish 2026-11-22T12:00:00.000Z']);
  });
});

describe('where no pod is read, the likely cause comes first', () => {
  const failure = (code: 'scrape-timeout' | 'port-refused' | 'not-attempted') =>
    new ScrapeError(code, 'said');

  test('silence of all while the API server answers: the port is closed', async () => {
    const answers = {
      a: failure('scrape-timeout'),
      b: failure('scrape-timeout'),
      c: failure('not-attempted'),
    };
    const { failure: cause } = await collect(scripted({ answers }).collector, tick());
    expect(cause).toMatchObject({
      code: 'no-pods-read',
      what: expect.stringMatching(
        /^none of 3 aws-node pods could be read, though the API server listed them: tcp\/61678 of the nodes is closed/,
      ),
      remedy: expect.stringMatching(
        /^Allow tcp\/61678 from the cluster security group to the node security group/,
      ),
    });
  });

  test('different failures: the one of most pods comes first', async () => {
    const answers = { a: failure('scrape-timeout'), b: failure('port-refused'), c: failure('port-refused') };
    const { failure: cause } = await collect(scripted({ answers }).collector, tick());
    expect(cause?.remedy).toMatch(/DISABLE_METRICS/);
    expect(cause?.what).toMatch(/^none of 3 aws-node pods could be read: port-refused on 2 pods/);
  });
});

test('the streaks of the state say which pods are asked in the unresponsive lane', async () => {
  const first = scripted({ answers: { ...THREE, a: new ScrapeError('scrape-timeout', 'silent') } });
  await collect(first.collector, tick());
  const limits: Record<string, number> = {};
  const { collector, cluster } = scripted({ lease: { outcome: 'acquired', state: first.committed() } });
  const readMetrics: ClusterReader['readMetrics'] = (pod, deadline) => {
    limits[pod.name] = deadline.remainingMs;
    return cluster.readMetrics(pod, deadline);
  };
  const again = { ...collector, cluster: { ...cluster, readMetrics } };
  await collect(again, tick(NOON + MINUTE));
  expect(limits).toEqual({ a: 3_000, b: 3_000, c: 3_000 });
  const state = first.committed();
  if (!state) throw new Error('nothing was committed');
  const pods = new Map([
    ...state.pods,
    ['a', { last: 'baseline', unread: { since: NOON, cycles: 2 } }] as const,
  ]);
  const twice = scripted({ lease: { outcome: 'acquired', state: { ...state, pods } } });
  await collect({ ...again, state: twice.collector.state }, tick(NOON + MINUTE));
  expect(limits).toEqual({ a: 1_000, b: 3_000, c: 3_000 });
});

test('samples that are not numbers are left out and reported', async () => {
  const { collector } = scripted({
    answers: { ...THREE, d: `${answer(1, 2, 3)}awscni_eni_max NaN\nawscni_ip_max +Inf\n` },
  });
  const { report } = await collect(collector, tick());
  expect(valueIn(report.metrics, 'eniMaxAvailable')).toBeUndefined();
  expect(report.warnings).toEqual([
    { code: 'not-finite', message: 'eniMaxAvailable, maxIPAddresses without 1 pod (d)' },
  ]);
});
