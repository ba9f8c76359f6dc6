import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { styleText } from 'node:util';
import { apiClient } from '../lambda/adapters/api-server/client.ts';
import { clusterApi } from '../lambda/adapters/api-server/cluster-api.ts';
import { claimedReadings } from '../lambda/adapters/state/leased-state.ts';
import { memoryObject } from '../lambda/adapters/state/memory-object.ts';
import { type Collector, collect } from '../lambda/collect/collect.ts';
import type { ClusterApi } from '../lambda/collect/ports.ts';
import { SCRAPE_CONCURRENCY, SCRAPE_TIMEOUT_MS } from '../lambda/config.ts';
import type { ErrorCode } from '../lambda/domain/causes.ts';
import { CollectorError } from '../lambda/errors.ts';
import { jsonLog, logCycle } from '../lambda/log.ts';
import { kubeConnection } from './kube-connection.ts';
import type { RealClusterOptions } from './terminal/options.ts';
import type { Subject } from './terminal/show-cycles.ts';

/** Far above what a cycle takes; a person has Ctrl-C. */
const CYCLE_MS = 50_000;

const CLOCK = { now: Date.now, elapsed: () => Math.round(performance.now()) };

/**
 * The collector on a cluster of the kubeconfig: it lists and reads, publishes nothing and remembers as long as
 * the process lives.
 * @param write takes the log of the cycles, one JSON line at a time
 * @throws CollectorError
 */
export async function realCluster(
  { context, everySeconds }: Pick<RealClusterOptions, 'context' | 'everySeconds'>,
  write: (line: string) => void,
): Promise<Subject & { close(): void }> {
  const { name, connection } = await kubeConnection(context);
  const api = clusterApi(apiClient(connection), setTimeout);
  const watched = watch(api);
  const object = memoryObject('the memory of this process');
  const collector: Collector = {
    cluster: name,
    clusterId: name,
    api: watched,
    readings: claimedReadings({ object, cluster: name, owner: randomUUID(), clock: CLOCK }),
    sink: undefined,
    subnets: undefined,
    scrape: { timeoutMs: SCRAPE_TIMEOUT_MS.default, concurrency: SCRAPE_CONCURRENCY.default },
    clock: CLOCK,
    wait: setTimeout,
    notices: [],
  };
  const log = jsonLog('info', undefined, CLOCK.now, write);

  return {
    introduction: [
      styleText('bold', `Cluster "${name}"`),
      connection.endpoint.host,
      'read only',
      `every ${everySeconds} s`,
    ],
    pauseMs: everySeconds * 1000,
    pods: watched.pods,
    answered: watched.answered,
    async cycle() {
      watched.restart();
      const endsAt = CLOCK.elapsed() + CYCLE_MS;
      const remainingMs = () => endsAt - CLOCK.elapsed();
      try {
        const { report, failure } = await collect(collector, {
          time: CLOCK.now(),
          dryRun: false,
          remainingMs,
        });
        logCycle(log, report);
        if (failure) throw failure;
        return report;
      } catch (error) {
        throw error instanceof CollectorError ? forPerson(error, context) : error;
      }
    },
    close: () => api.close(),
  };
}

/** The same API, with a count of what a cycle has found and read so far. */
function watch(api: ClusterApi) {
  let pods = 0;
  let answered = 0;
  return {
    pods: () => pods,
    answered: () => answered,
    restart() {
      pods = 0;
      answered = 0;
    },
    async listPods(budgetMs) {
      const listed = await api.listPods(budgetMs);
      pods = listed.length;
      return listed;
    },
    readMetrics: (pod, budgetMs) =>
      api.readMetrics(pod, budgetMs).finally(() => {
        answered += 1;
      }),
  } satisfies ClusterApi & Record<string, unknown>;
}

/** The error with a remedy for a person with a kubeconfig, where its own is one for a function. */
function forPerson({ code, what, remedy, cause }: CollectorError, context: string): CollectorError {
  const kubectl = `kubectl --context ${context}`;
  const remedies: Partial<Record<ErrorCode, string>> = {
    'api-unreachable': `See whether ${kubectl} version works here; a private endpoint needs a way into its VPC.`,
    'api-tls': 'Check certificate-authority and the client certificate of the context in the kubeconfig.',
    'api-unauthorized': `See what ${kubectl} auth whoami says; its identity needs an access entry.`,
    'api-forbidden': 'Ask for the rights of infra/rbac.yaml: list pods and get pods/proxy in kube-system.',
  };
  return new CollectorError(code, what, { remedy: remedies[code] ?? remedy, cause });
}
