import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import { apiClient } from '../lambda/adapters/api-server/client.ts';
import { clusterReader } from '../lambda/adapters/api-server/cluster-reader.ts';
import { leasedState } from '../lambda/adapters/state/leased-state.ts';
import { memoryObject } from '../lambda/adapters/state/memory-object.ts';
import { SYSTEM_CLOCK } from '../lambda/adapters/system-clock.ts';
import { collect } from '../lambda/collect/collect.ts';
import type { Collector } from '../lambda/collect/cycle.ts';
import type { ClusterReader } from '../lambda/collect/ports.ts';
import { SCRAPE_CONCURRENCY, SCRAPE_TIMEOUT_MS } from '../lambda/contract.ts';
import { Deadline } from '../lambda/deadline.ts';
import { CollectorError } from '../lambda/errors.ts';
import { jsonLog, logCycle } from '../lambda/log.ts';
import { kubeCluster } from './kube-cluster.ts';
import { errorForKubeconfig } from './remedies.ts';
import { pause, type Subject } from './terminal/show-cycles.ts';

/** Far above what a cycle takes; a person has Ctrl-C. */
const CYCLE_MS = 50_000;

/**
 * The collector on a cluster of the kubeconfig: it lists and reads, publishes nothing and remembers as long as
 * the process lives.
 * @param write takes the log of the cycles, one JSON line at a time
 * @throws CollectorError
 */
export async function realCluster(
  { context, everySeconds }: { readonly context: string; readonly everySeconds: number },
  write: (line: string) => void,
): Promise<Subject & { readonly name: string; close(): void }> {
  const { name, endpoint, credentials } = await kubeCluster(context);
  const reader = clusterReader(apiClient({ endpoint, credentials, clock: SYSTEM_CLOCK }), SYSTEM_CLOCK);
  const watched = watch(reader);
  const object = memoryObject('the memory of this process');
  const collector: Collector = {
    clusterName: name,
    clusterId: name,
    cluster: watched,
    state: leasedState({ object, cluster: name, owner: randomUUID(), clock: SYSTEM_CLOCK }),
    sink: undefined,
    subnets: undefined,
    scrape: { timeoutMs: SCRAPE_TIMEOUT_MS.default, concurrency: SCRAPE_CONCURRENCY.default },
    clock: SYSTEM_CLOCK,
    notices: [],
  };
  const log = jsonLog('info', undefined, SYSTEM_CLOCK.now, write);

  return {
    name,
    introduction: [
      styleText('bold', `Cluster "${name}"`),
      endpoint.url.host,
      'read only',
      `every ${everySeconds} s`,
    ],
    pause: (stopped) => pause(everySeconds * 1000, stopped),
    progress: watched.progress,
    async cycle() {
      watched.restart();
      try {
        const { report, failure } = await collect(collector, {
          time: SYSTEM_CLOCK.now(),
          dryRun: false,
          deadline: Deadline.in(CYCLE_MS, SYSTEM_CLOCK),
        });
        logCycle(log, report);
        return { report, ...(failure && { failure: errorForKubeconfig(failure, context) }) };
      } catch (error) {
        if (!(error instanceof CollectorError)) throw error;
        return { report: undefined, failure: errorForKubeconfig(error, context) };
      }
    },
    close: () => reader.close(),
  };
}

/** The same cluster, with a count of what a cycle has found and read so far. */
function watch(reader: ClusterReader) {
  let pods = 0;
  let answered = 0;
  return {
    progress: () => ({ doing: 'reading', done: answered, total: pods, unit: 'pods' }) as const,
    restart() {
      pods = 0;
      answered = 0;
    },
    async listPods(deadline) {
      const listed = await reader.listPods(deadline);
      pods = listed.length;
      return listed;
    },
    readMetrics: (pod, deadline) =>
      reader.readMetrics(pod, deadline).finally(() => {
        answered += 1;
      }),
  } satisfies ClusterReader & Record<string, unknown>;
}
