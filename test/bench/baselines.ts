import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { apiClient } from '../../lambda/adapters/api-server/client.ts';
import { clusterReader } from '../../lambda/adapters/api-server/cluster-reader.ts';
import { SYSTEM_CLOCK } from '../../lambda/adapters/system-clock.ts';
import { Deadline } from '../../lambda/deadline.ts';
import { GAUGES } from '../../lambda/domain/catalogue.ts';
import { decode, ExpositionError } from '../../lambda/domain/exposition/decode.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import type { Found } from './client.ts';
import type { ClientOptions } from './protocol.ts';

const NAMESPACE = 'kube-system';
const SELECTOR = 'k8s-app=aws-node';
const LIST_BUDGET_MS = 60_000;
const POD_BUDGET_MS = 5_000;
const CONCURRENCY = 100;
const ASSIGNED = GAUGES.findIndex(({ name }) => name === 'assignIPAddresses');

const assignedOf = (result: PodReading | ExpositionError): number =>
  result instanceof ExpositionError ? NaN : (result.gauges[ASSIGNED] ?? NaN);

/** What the collector is compared with; all decode in the same way. */
export async function baseline(options: ClientOptions): Promise<() => Promise<Found>> {
  return options.task === 'serial' ? serial(options) : clientNode(options);
}

/** One pod after the other over one connection that is kept, as AWS's helper reads them. */
function serial({ server, mostPods }: ClientOptions): () => Promise<Found> {
  const credentials = {
    kind: 'bearer' as const,
    authorization: async () => 'Bearer benchmark',
    renew: async () => 'Bearer benchmark',
  };
  const endpoint = { url: new URL(server.endpoint), ca: server.ca };
  const api = clusterReader(apiClient({ endpoint, credentials, clock: SYSTEM_CLOCK }), SYSTEM_CLOCK);
  return async () => {
    const start = performance.now();
    const pods = await api.listPods(Deadline.in(LIST_BUDGET_MS, SYSTEM_CLOCK));
    const listMs = performance.now() - start;
    const read = pods.slice(0, mostPods);
    let assigned = 0;
    for (const pod of read)
      assigned += assignedOf(await api.readMetrics(pod, Deadline.in(POD_BUDGET_MS, SYSTEM_CLOCK)));
    return { listMs, pods: read.length, assigned };
  };
}

/** The typed calls of `@kubernetes/client-node`, as many at a time as the collector's. */
function clientNode({ server, mostPods }: ClientOptions): () => Promise<Found> {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'bench', server: server.endpoint, caData: Buffer.from(server.ca).toString('base64') }],
    users: [{ name: 'bench', token: 'benchmark' }],
    contexts: [{ name: 'bench', cluster: 'bench', user: 'bench' }],
    currentContext: 'bench',
  });
  const api = config.makeApiClient(CoreV1Api);
  return async () => {
    const start = performance.now();
    const { items } = await api.listNamespacedPod({ namespace: NAMESPACE, labelSelector: SELECTOR });
    const listMs = performance.now() - start;
    const names = items.slice(0, mostPods).flatMap(({ metadata }) => metadata?.name ?? []);
    let assigned = 0;
    let next = 0;
    const worker = async () => {
      for (let name = names[next]; name !== undefined; name = names[next]) {
        next += 1;
        const request = { namespace: NAMESPACE, name: `${name}:61678`, path: 'metrics' };
        const text = await api.connectGetNamespacedPodProxyWithPath(request);
        assigned += assignedOf(decode(Buffer.from(text)));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    return { listMs, pods: names.length, assigned };
  };
}
