import { gzipSync } from 'node:zlib';
import { split } from '../../lambda/adapters/state/packed-state.ts';
import type { Diagnosis } from '../../lambda/diagnose/diagnose.ts';
import type { Metric } from '../../lambda/domain/metric.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import type { CounterReading } from '../../lambda/domain/state/state.ts';
import type { ProxiedAnswer } from '../../local/api-server/pod-fault.ts';
import { CLUSTER_NAME, type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { expectedSecondCycle, type Moment, subnetsNow } from '../support/expected-cycle.ts';
import { type FunctionProcess, type Invocation, startFunction } from './start-function.ts';

export const NODES = 25;
const MINUTE = 60_000;

/** Processor time of a whole cycle with one hostile answer. The worst of the suite takes 300 ms on a loaded machine. */
export const MAX_CPU_MS = 1_000;

export const STATE_KEY = `cni-metrics/${CLUSTER_NAME}.json.gz`;

/** A cluster of 25 nodes with the function beside it, a minute after the other. */
export interface HostileCluster extends AsyncDisposable {
  readonly cluster: EmbeddedCluster;
  /** Has another process of the function run the next cycles. */
  restart(): Promise<void>;
  /** Lets a minute pass and runs the cycle of that tick. */
  nextCycle(): Promise<Invocation>;
  diagnose(): Promise<Diagnosis>;
  /** What the simulator knows now. */
  moment(): Moment;
  /** By pod, what the stored state holds. */
  stored(): ReadonlyMap<string, CounterReading>;
}

/** @param direct the function reads the nodes directly */
export async function startHostileCluster(seed: number, direct = false): Promise<HostileCluster> {
  const cluster = await startEmbeddedCluster({ nodes: NODES, seed, direct, now: Date.UTC(2026, 10, 22, 14) });
  const { fleet, s3, ec2 } = cluster;
  let process: FunctionProcess = startFunction(cluster.environment);
  let interfacesRead = subnetsNow(fleet);
  const readings = () =>
    ec2.requests.filter(({ body }) => body.includes('Action=DescribeNetworkInterfaces')).length;
  return {
    cluster,
    async restart() {
      await process[Symbol.asyncDispose]();
      process = startFunction(cluster.environment);
    },
    async nextCycle() {
      fleet.advance(MINUTE);
      const now = fleet.now();
      const before = readings();
      const event = JSON.stringify({ scheduledTime: new Date(now), verbose: true });
      const invocation = await process.invoke(event, now);
      if (readings() > before) interfacesRead = subnetsNow(fleet);
      return invocation;
    },
    async diagnose() {
      const { report } = await process.invoke('{"diagnose":true,"verbose":true}', fleet.now());
      return JSON.parse(JSON.stringify(report));
    },
    moment: () => ({
      time: fleet.now(),
      pods: new Map(fleet.nodes().map(({ pod }) => [pod, fleet.reading(pod)])),
      unreadable: new Set(),
      subnets: subnetsNow(fleet),
      interfacesRead,
    }),
    stored() {
      const { state } = split(s3.objects.get(STATE_KEY) ?? new Uint8Array(), CLUSTER_NAME, fleet.now());
      return new Map(
        [...(state?.pods ?? [])].flatMap(([pod, { last }]) =>
          typeof last === 'object' ? [[pod, last] as const] : [],
        ),
      );
    },
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      await cluster.close();
    },
  };
}

/** All metrics of a cycle but its own duration, in one order. */
export const inOrder = (metrics: readonly Metric[] = []): Metric[] =>
  metrics.filter(({ name }) => name !== 'collectDuration').toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

const keyOf = ({ name, dimensions }: Metric) => `${name} ${dimensions?.SUBNET_ID ?? ''}`;

/**
 * What the cycle after `first` must publish while one pod is hostile.
 * @param said what its answer counts for; undefined: it cannot be read
 */
export function expectedMetrics(
  first: Moment,
  second: Moment,
  hostile: string,
  said: PodReading | undefined,
): Metric[] {
  const pods = new Map(second.pods);
  if (said) pods.set(hostile, said);
  return inOrder(expectedSecondCycle(first, { ...second, pods, unreadable: new Set(said ? [] : [hostile]) }));
}

/** An answer of a pod, compressed as the API server passes it on. */
export function answer(body: string | Buffer, more: Partial<ProxiedAnswer> = {}): ProxiedAnswer {
  return {
    status: 200,
    contentType: 'text/plain; version=0.0.4',
    body: gzipSync(body),
    gzip: true,
    ...more,
  };
}

/** A good cycle, then one in which the first pod gives that answer. */
export async function cycleWith(hostile: HostileCluster, given: ProxiedAnswer) {
  await hostile.nextCycle();
  const first = hostile.moment();
  const [pod = ''] = first.pods.keys();
  const { answers } = hostile.cluster.apiServer.faults;
  answers.set(pod, given);
  const invocation = await hostile.nextCycle();
  answers.clear();
  return { pod, first, second: hostile.moment(), invocation };
}
