import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { Client, interceptors } from 'undici';
import { apiClient } from '../../lambda/adapters/api-server/client.ts';
import { clusterReader } from '../../lambda/adapters/api-server/cluster-reader.ts';
import { eksToken } from '../../lambda/adapters/aws/eks-token.ts';
import { SYSTEM_CLOCK } from '../../lambda/adapters/system-clock.ts';
import { Deadline } from '../../lambda/deadline.ts';
import { GAUGES } from '../../lambda/domain/catalog.ts';
import { decode, ExpositionError } from '../../lambda/domain/exposition/decode.ts';
import type { PodReading } from '../../lambda/domain/pod-reading.ts';
import type { Found } from './client.ts';
import { ACCOUNT, type ClientOptions, KEY, type ServerAddress } from './protocol.ts';

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
  const start = { serial, 'client-node': clientNode, undici: overUndici };
  if (options.task === 'collector') throw new Error('the collector is not one of its baselines');
  return start[options.task](options);
}

/** The collector's own, so that all send headers of the same size. */
const credentials = eksToken({
  clusterName: 'benchmark',
  region: ACCOUNT.region,
  credentials: async () => KEY,
  clock: SYSTEM_CLOCK,
});
const readerOf = ({ endpoint, ca }: ServerAddress) =>
  clusterReader(
    apiClient({ endpoint: { url: new URL(endpoint), ca }, credentials, clock: SYSTEM_CLOCK }),
    SYSTEM_CLOCK,
  );

/** One pod after the other over one connection that is kept, as AWS's helper reads them. */
function serial({ server, mostPods }: ClientOptions): () => Promise<Found> {
  const api = readerOf(server);
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
async function clientNode({ server, mostPods }: ClientOptions): Promise<() => Promise<Found>> {
  const token = (await credentials.authorization()).replace('Bearer ', '');
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'bench', server: server.endpoint, caData: Buffer.from(server.ca).toString('base64') }],
    users: [{ name: 'bench', token }],
    contexts: [{ name: 'bench', cluster: 'bench', user: 'bench' }],
    currentContext: 'bench',
  });
  const api = config.makeApiClient(CoreV1Api);
  return async () => {
    const start = performance.now();
    const { items } = await api.listNamespacedPod({ namespace: NAMESPACE, labelSelector: SELECTOR });
    const listMs = performance.now() - start;
    const names = items.slice(0, mostPods).flatMap(({ metadata }) => metadata?.name ?? []);
    const assigned = await sumAssigned(names, async (name) => {
      const request = { namespace: NAMESPACE, name: `${name}:61678`, path: 'metrics' };
      return Buffer.from(await api.connectGetNamespacedPodProxyWithPath(request));
    });
    return { listMs, pods: names.length, assigned };
  };
}

/** undici over one HTTP/2 connection, with its own decompression; the list as the collector reads it. */
async function overUndici({ server, mostPods }: ClientOptions): Promise<() => Promise<Found>> {
  const api = readerOf(server);
  const client = new Client(server.endpoint, {
    allowH2: true,
    maxConcurrentStreams: CONCURRENCY,
    pipelining: CONCURRENCY,
    connect: { ca: server.ca },
  }).compose(interceptors.decompress());
  const headers = { authorization: await credentials.authorization(), 'accept-encoding': 'gzip' };
  return async () => {
    const start = performance.now();
    const pods = await api.listPods(Deadline.in(LIST_BUDGET_MS, SYSTEM_CLOCK));
    const listMs = performance.now() - start;
    const names = pods.slice(0, mostPods).map(({ name }) => name);
    const assigned = await sumAssigned(names, async (name) => {
      const path = `/api/v1/namespaces/${NAMESPACE}/pods/${name}:61678/proxy/metrics`;
      const { body } = await client.request({ method: 'GET', path, headers });
      return new Uint8Array(await body.arrayBuffer());
    });
    return { listMs, pods: names.length, assigned };
  };
}

/** Reads pods 100 at a time and adds up what is assigned on them. */
async function sumAssigned(
  names: readonly string[],
  read: (name: string) => Promise<Uint8Array>,
): Promise<number> {
  let assigned = 0;
  let next = 0;
  const worker = async () => {
    for (let name = names[next]; name !== undefined; name = names[next]) {
      next += 1;
      assigned += assignedOf(decode(await read(name)));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return assigned;
}
