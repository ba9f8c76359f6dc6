import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseMetrics } from '../../lambda/adapters/api-server/parse-metrics.ts';
import type { ClusterReader } from '../../lambda/collect/ports.ts';
import { resultOf } from '../../lambda/collect/scrape.ts';
import type { ScrapeWay } from '../../lambda/contract.ts';
import type { ScrapeFailureCode } from '../../lambda/domain/causes/scrape-failures.ts';
import { ScrapeError } from '../../lambda/errors.ts';
import type { PodFault } from '../../local/api-server/pod-fault.ts';
import type { TestCluster } from './api-server.ts';
import { deadlineIn } from './deadline.ts';

/** A reader under test, and the simulated cluster that it reads. */
export interface ReadCluster {
  readonly cluster: TestCluster;
  readonly reader: ClusterReader;
  close(): Promise<void>;
}

interface Expected {
  readonly code: ScrapeFailureCode;
  readonly retryable?: boolean;
}

/** Two where only one of the two ways can tell. */
const FAILURES: [PodFault, Expected, Expected?][] = [
  ['refused', { code: 'port-refused' }],
  ['crash-looping', { code: 'port-refused' }],
  ['no-address', { code: 'pod-without-address' }],
  ['gone', { code: 'pod-gone' }, { code: 'port-refused' }],
  ['eof', { code: 'answer-incomplete', retryable: true }],
  ['connection-reset', { code: 'answer-incomplete', retryable: true }],
  ['reset', { code: 'answer-incomplete', retryable: true }],
  ['garbage', { code: 'unparsable' }],
  ['not-http', { code: 'not-ipamd' }],
  ['own-404', { code: 'not-ipamd' }],
  ['own-500', { code: 'bad-status' }],
  ['own-503', { code: 'bad-status', retryable: true }],
  ['redirect', { code: 'not-ipamd' }],
  ['hang', { code: 'scrape-timeout' }, { code: 'node-slow' }],
  ['unreachable', { code: 'scrape-timeout' }, { code: 'node-unreachable' }],
];
/** Of a pod that never answers; above what a loaded machine needs for a connection. */
const SILENCE_MS = 400;

/** What every reader of a cluster does alike. */
export function describeClusterReader(way: ScrapeWay, start: () => Promise<ReadCluster>): void {
  let subject: ReadCluster;
  beforeEach(async () => {
    subject = await start();
  });
  afterEach(() => subject.close());

  const readAll = async () => {
    const pods = await subject.reader.listPods(deadlineIn());
    return Promise.all(
      pods.map(async (pod) => {
        const fault = subject.cluster.server.faults.pods.get(pod.name);
        const isSilent = fault === 'hang' || fault === 'unreachable';
        const deadline = deadlineIn(isSilent ? SILENCE_MS : undefined);
        const result = await subject.reader.readMetrics(pod, deadline).then(resultOf, (error) => error);
        return { pod: pod.name, result };
      }),
    );
  };
  const readings = () =>
    subject.cluster.fleet
      .nodes()
      .map(({ pod }) => ({ pod, result: parseMetrics(Buffer.from(subject.cluster.fleet.exposition(pod))) }));

  test('reads of every node what the node says', async () => {
    expect(await readAll()).toEqual(readings());
  });

  test('follows nodes that come and go, and processes that start again', async () => {
    await readAll();
    const { fleet } = subject.cluster;
    const [first, second] = fleet.nodes();
    if (first) fleet.leave(first.pod);
    if (second) fleet.restart(second.pod);
    fleet.join();
    expect(await readAll()).toEqual(readings());
  });

  test.each(FAILURES)(
    '%s: the pod fails, its neighbors do not, and it is read again afterwards',
    async (fault, viaApiServer, viaNode = viaApiServer) => {
      const { server, fleet } = subject.cluster;
      const pod = fleet.nodes()[1]?.pod ?? '';
      server.faults.pods.set(pod, fault);
      const results = await readAll();
      expect(results.filter((each) => each.pod !== pod)).toEqual(
        readings().filter((each) => each.pod !== pod),
      );
      const failure = results.find((each) => each.pod === pod)?.result;
      expect(failure).toBeInstanceOf(ScrapeError);
      expect(failure).toMatchObject({ retryable: false, ...(way === 'node' ? viaNode : viaApiServer) });
      server.faults.pods.clear();
      expect(await readAll()).toEqual(readings());
    },
  );
}
