import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import type { Report } from '../../../lambda/collect/report.ts';
import type { Diagnosis } from '../../../lambda/diagnose/diagnose.ts';
import type { Fleet } from '../../../local/simulation/fleet.ts';
import { EVENTFUL } from '../../../local/simulation/rates.ts';
import { expectedSecondCycle, type Moment } from '../../support/expected-cycle.ts';
import { type BuiltFunction, FunctionError, startBuiltFunction } from '../built-function.ts';
import { startEmulatedCluster } from '../emulated-cluster.ts';
import { ACCOUNT } from '../moto.ts';
import { type Minute, readBack, statisticsOf } from '../read-back.ts';
import { describeEmulated } from '../suite.ts';

const CYCLES = 30;
const NODES = 40;
const MINUTE = 60_000;
const TIMEOUT_MS = 50_000;
/** Every node is replaced once in an hour, and every ipamd restarts twice. */
const CHURN = { ...EVENTFUL, nodeLifeMs: 3_600_000, restartsPerDay: 48 };

/** They depend on more than the cycle before, or on nothing that the simulator knows. */
const NOT_IN_BOOKS = new Set<string>(['collectDuration', 'nodesRefusingPods', 'nodesRestarting']);

const momentOf = (fleet: Fleet): Moment => ({
  time: fleet.now(),
  pods: new Map(fleet.nodes().map(({ pod }) => [pod, fleet.reading(pod)])),
  unreadable: new Set(),
  subnets: new Map(),
});

/** What CloudWatch must know after a cycle, from the simulator's books of this moment and the one before. */
function expectedMinute(before: Moment, now: Moment): Minute {
  const metrics = expectedSecondCycle(before, now).filter(({ name }) => !name.startsWith('subnet'));
  return inBooks(Object.fromEntries(metrics.map((metric) => [metric.name, statisticsOf(metric)])));
}

/** Without the last digits, which depend on the order of a sum. */
const inBooks = (minute: Minute): Minute =>
  Object.fromEntries(
    Object.entries(minute)
      .filter(([name]) => !NOT_IN_BOOKS.has(name))
      .map(([name, statistics]) => [name, rounded(statistics)]),
  );

const rounded = (statistics: Minute[string]): Minute[string] =>
  Object.fromEntries(
    Object.entries(statistics).map(([name, value]) => [name, Number(value.toPrecision(12))]),
  );

/** A process that has lost every tick for a while reports a second writer (lambda/collect/withheld.ts), as it should. */
function unlessItLost(error: unknown): undefined {
  if (
    !(
      error instanceof FunctionError &&
      /^state-failed: for \d+ or more of the latest ticks /.test(error.message)
    )
  )
    throw error;
}

describeEmulated('the built function in an emulated AWS account', (moto) => {
  test.each([
    { processes: 1, who: 'one process' },
    { processes: 4, who: 'four processes' },
  ])(
    '30 cycles with churn, $who at each tick: CloudWatch has what the simulator knows, once',
    async ({ processes }) => {
      const name = `cluster-of-${processes}`;
      await moto().createBucket(name);
      const session = await moto().assumeRole('eks-cni-metrics');
      const start = Math.floor(Date.now() / MINUTE) * MINUTE - CYCLES * MINUTE;
      const options = { nodes: NODES, seed: 7, now: start, rates: CHURN };
      await using cluster = await startEmulatedCluster(moto(), name, session, options);
      const { fleet } = cluster;
      await using undo = new AsyncDisposableStack();
      const functions = await Promise.all(
        Array.from({ length: processes }, () =>
          startBuiltFunction({ ...cluster.environment, STATE_BUCKET: name }, TIMEOUT_MS),
        ),
      );
      for (const lambda of functions) undo.use(lambda);

      const moments: Moment[] = [];
      const published: BuiltFunction[] = [];
      for (let cycle = 0; cycle < CYCLES; cycle += 1) {
        moments.push(momentOf(fleet));
        const event = { scheduledTime: new Date(fleet.now()).toISOString() };
        const invoke = async (lambda: BuiltFunction) => {
          const report = await lambda.invoke<Report>(event).catch(unlessItLost);
          if (report?.published) published.push(lambda);
        };
        // Who published last knows the version of the state and would win again, so it comes when the others are done.
        const last = published.at(-1);
        await Promise.all(functions.filter((lambda) => lambda !== last).map(invoke));
        if (last) await invoke(last);
        fleet.advance(MINUTE);
      }

      const minutes = await readBack(new CloudWatchClient(moto().clientOf()), name, start, CYCLES);
      expect(minutes[0]).not.toHaveProperty('addReqCount');
      const expected = moments.slice(1).map((now, index) => expectedMinute(moments[index] ?? now, now));
      expect(minutes.slice(1).map(inBooks)).toEqual(expected);
      expect(published.length).toBe(CYCLES);
      expect(new Set(published).size).toBeGreaterThanOrEqual(Math.min(processes, 2));
      // Pods came, went and restarted.
      const pods = new Set(fleet.incarnations().map(({ pod }) => pod));
      expect(pods.size).toBeGreaterThan(NODES + 10);
      expect(fleet.incarnations().length).toBeGreaterThan(pods.size + 10);
    },
  );

  test('the diagnosis names the role as STS does', async () => {
    const name = 'diagnosed';
    await moto().createBucket(name);
    const session = await moto().assumeRole('eks-cni-metrics');
    const options = { nodes: 3, seed: 1, now: Date.now() };
    await using cluster = await startEmulatedCluster(moto(), name, session, options);
    await using lambda = await startBuiltFunction({ ...cluster.environment, STATE_BUCKET: name }, TIMEOUT_MS);
    const { steps } = await lambda.invoke<Diagnosis>({ diagnose: true });
    expect(steps).toContainEqual(
      expect.objectContaining({
        name: 'credentials',
        status: 'ok',
        seen: `arn:aws:sts::${ACCOUNT}:assumed-role/eks-cni-metrics/session`,
      }),
    );
  });
});
