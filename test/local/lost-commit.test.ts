import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Report } from '../../lambda/collect/report.ts';
import { COUNTERS } from '../../lambda/domain/catalog.ts';
import type { AwsFault } from '../../local/aws/endpoint.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { loadFunction } from '../../local/load-function.ts';

const MINUTE = 60_000;
const PERIOD = 5 * MINUTE;
const ADDS = COUNTERS.findIndex(({ name }) => name === 'addReqCount');

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: to be tried again. */
const CONFLICT: AwsFault = {
  status: 409,
  code: 'ConditionalRequestConflict',
  message: 'The conditional request cannot succeed due to a conflicting operation.',
};

let cluster: EmbeddedCluster;
beforeEach(async () => {
  vi.stubEnv('AWS_REGION', '');
  cluster = await startEmbeddedCluster({ nodes: 10, seed: 1, now: Date.UTC(2026, 10, 28, 14) });
});
afterEach(() => cluster.close());

/** A function of its own: what it remembers, and pauses that take no time. */
async function startFunction() {
  let waited = 0;
  const invoke = await loadFunction(cluster, () => undefined, {
    now: () => cluster.fleet.now(),
    elapsed: () => performance.now() + waited,
    wait: async (ms) => {
      waited += ms;
    },
  });
  return async () => {
    const report = await invoke({ scheduledTime: new Date(cluster.fleet.now()).toISOString() });
    return { adds: addsIn(report), warnings: report.warnings.map(({ code }) => code) };
  };
}

const addsIn = ({ metrics }: Report): number | undefined => {
  const metric = metrics.find(({ name }) => name === 'addReqCount');
  return metric && 'value' in metric ? metric.value : undefined;
};

/** What the ipamd processes have counted so far. No node comes or goes here. */
const counted = () =>
  cluster.fleet
    .incarnations()
    .reduce((sum, { process }) => sum + Number([...process.counters][ADDS] ?? Number.NaN), 0);

/** S3 refuses the writes that follow a publication, at most so many of them. */
function refuseAfterPublishing(most: number): void {
  const before = cluster.cloudwatch.puts.length;
  let refused = 0;
  cluster.s3.faults.always = ({ method }) => {
    if (method !== 'PUT' || cluster.cloudwatch.puts.length === before || refused === most) return undefined;
    refused += 1;
    return CONFLICT;
  };
}

test.each(['the same function', 'another one'])(
  'a commit that S3 answers once with 409 is repeated: %s publishes each event once',
  async (next) => {
    const one = await startFunction();
    const first = counted();
    await one();
    cluster.fleet.advance(MINUTE);
    refuseAfterPublishing(1);
    const second = await one();
    expect(second).toEqual({ adds: counted() - first, warnings: [] });
    let published = second.adds ?? 0;
    const successor = next === 'another one' ? await startFunction() : one;
    for (let tick = 0; tick < 3; tick += 1) {
      cluster.fleet.advance(MINUTE);
      const { adds = 0, warnings } = await successor();
      published += adds;
      expect(warnings).toEqual([]);
    }
    expect(published).toBe(counted() - first);
  },
);

test('a commit that fails for good: another function, called after the lease expired, publishes no event twice', async () => {
  const [one, two] = [await startFunction(), await startFunction()];
  const first = counted();
  await one();
  cluster.fleet.advance(PERIOD);
  refuseAfterPublishing(Number.POSITIVE_INFINITY);
  const failed = await one();
  expect(failed.warnings).toEqual(['commit-failed']);
  cluster.s3.faults.always = undefined;
  cluster.fleet.advance(PERIOD);
  const overtaking = await two();
  expect(overtaking.warnings).toEqual(['publish-uncertain']);
  cluster.fleet.advance(PERIOD);
  const back = await one();
  expect(back.warnings).toEqual([]);
  const published = [failed, overtaking, back].reduce((sum, { adds = Number.NaN }) => sum + adds, 0);
  expect(published).toBe(counted() - first);
});
