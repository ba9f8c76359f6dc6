import type {
  ApiServer,
  Clock,
  ClusterAsked,
  Pod,
  Principal,
  Slice,
  Surroundings,
} from '../collect/ports.ts';
import type { Config } from '../config.ts';
import { scrapeAll, scrapeOne } from './pods.ts';
import { type Finding, failed, notNeeded, ok } from './step-result.ts';
import { all, NOTHING, type Step, Steps, type Taken } from './steps.ts';

/** What a diagnosis answers; the shape is documented in docs/report-and-events.md and stays stable. */
export interface Diagnosis {
  /** No step failed. */
  readonly healthy: boolean;
  readonly steps: readonly Step[];
  /** One line a pod; only where the event asks for it (verbose). */
  readonly podLines?: readonly string[];
}

/** What a diagnosis works with. */
export interface Diagnosable {
  /** @throws CollectorError */
  readonly config: () => Config;
  readonly credentials: (slice: Slice) => Promise<Finding<Principal>>;
  readonly surroundings: (config: Config) => Surroundings;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * Walks the whole path of a cycle, one link a step, and goes on as far as it can after one that is broken:
 * a step is skipped only where it needs what a failed one would have given. It changes nothing: no metric is
 * published and no reading is written. It never throws, and ends before the invocation does.
 * @param remainingMs until the invocation is cut off
 */
export async function diagnose(
  subject: Diagnosable,
  { remainingMs, verbose }: { readonly remainingMs: () => number; readonly verbose: boolean },
): Promise<Diagnosis> {
  const steps = new Steps(subject.clock, remainingMs);
  const config = await steps.take('configuration', NOTHING, async () => describeConfig(subject.config()));
  const principal = await steps.take('credentials', NOTHING, (_, slice) => subject.credentials(slice));
  const surroundings = map(config, subject.surroundings);
  const account = all(surroundings, principal);

  const [podLines] = await Promise.all([
    walkToPods(subject, steps, config, surroundings, account),
    steps.take('cloudwatch', account, ([around], slice) => around.publish(slice)),
    steps.take('state', account, ([around], slice) => around.readings(slice)),
    steps.take('ec2', account, ([around], slice) => around.ec2(slice)),
  ]);
  return {
    healthy: steps.all.every(({ status }) => status !== 'failed'),
    steps: steps.all,
    ...(verbose && { podLines }),
  };
}

/** From the cluster's description to the last pod: each link hangs on the one before it. */
async function walkToPods(
  { wait }: Diagnosable,
  steps: Steps,
  config: Taken<Config>,
  surroundings: Taken<Surroundings>,
  account: Taken<readonly [Surroundings, Principal]>,
): Promise<string[]> {
  const server = await findServer(steps, config, account);
  const resolved = await steps.take('dns', all(surroundings, server), ([around, there], slice) =>
    around.resolve(there, slice),
  );
  const connected = await steps.take(
    'tcp',
    all(surroundings, server, resolved),
    ([around, there, address], slice) => around.connect(there, address, slice),
  );
  const trusted = await steps.take('tls', all(surroundings, server, connected), ([around, there], slice) =>
    around.handshake(there, slice),
  );
  const cluster = map(all(account, server, trusted), ([[around, principal], there]) =>
    around.enter(there, principal),
  );
  try {
    return await walkCluster(steps, cluster, config, wait);
  } finally {
    if ('value' in cluster) cluster.value.close();
  }
}

/** Inside the cluster, from the handshake on. */
async function walkCluster(
  steps: Steps,
  cluster: Taken<ClusterAsked>,
  config: Taken<Config>,
  wait: Diagnosable['wait'],
): Promise<string[]> {
  const podLines: string[] = [];
  const skew = await steps.take('clock', cluster, (api, slice) => api.clock(slice));
  const user = await steps.take('authentication', all(cluster, skew), ([api, skewMs], slice) =>
    api.authenticate(skewMs, slice),
  );
  const rights = await steps.take('authorisation', all(cluster, user), ([api, who], slice) =>
    api.authorise(who, slice),
  );
  const mayList = where(rights, ({ listPods }) => listPods);
  const pods = await steps.take('pods', all(cluster, mayList), async ([api], slice) => {
    const [running, idle] = await Promise.all([api.listPods(slice.ms), api.idlePods(slice)]);
    return judgePods(running, idle);
  });
  const mayRead = where(all(pods, rights), ([, { proxyPods }]) => proxyPods);
  const readable = all(cluster, mayRead, config);
  await steps.take('scrape-one', readable, ([api, [[first]], { scrape }], slice) =>
    scrapeOne(api, first, Math.min(scrape.timeoutMs, slice.ms)),
  );
  await steps.take('scrape-all', readable, ([api, [found], { scrape }], slice) =>
    scrapeAll(
      api,
      found,
      { concurrency: scrape.concurrency, perPodMs: scrape.timeoutMs, remainingMs: slice.remainingMs, wait },
      (line) => podLines.push(line),
    ),
  );
  return podLines.sort();
}

/** EKS is asked only where the configuration does not name the API server. */
function findServer(
  steps: Steps,
  config: Taken<Config>,
  account: Taken<readonly [Surroundings, Principal]>,
): Promise<Taken<ApiServer>> {
  const given = 'value' in config ? config.value.apiServer : undefined;
  if (given)
    return steps.take('describe-cluster', NOTHING, async () =>
      notNeeded('CLUSTER_ENDPOINT and CLUSTER_CA are set, so EKS is not asked', given),
    );
  return steps.take('describe-cluster', account, ([around], slice) => around.describeCluster(slice));
}

function describeConfig(config: Config): Finding<Config> {
  const { clusterName, namespace, publish, state, subnets, scrape } = config;
  const seen = [
    `cluster ${clusterName}`,
    publish ? `publishes to namespace ${namespace}` : 'does not publish (USE_CLOUDWATCH)',
    state ? `readings in s3://${state.bucket}/${state.key}` : 'readings in memory (no STATE_BUCKET)',
    `subnet metrics ${subnets ? 'on' : 'off'}`,
    `${scrape.concurrency} pods at a time, ${scrape.timeoutMs} ms each`,
  ];
  return ok(seen.join('; '), config);
}

function judgePods(
  running: readonly Pod[],
  idle: readonly { readonly name: string; readonly phase: string }[],
): Finding<readonly [Pod, ...Pod[]]> {
  const [first, ...others] = running;
  const named = idle.slice(0, 5).map(({ name, phase }) => `${name} ${phase}`);
  const rest = idle.length > 0 ? `${idle.length} more do not run (${named.join(', ')})` : 'no others';
  if (first) return ok(`${running.length} aws-node pods run; ${rest}`, [first, ...others]);
  if (idle.length > 0)
    return failed('pods-not-running', `none of ${idle.length} aws-node pods runs (${named.join(', ')})`);
  return failed('no-pods', 'kube-system has no pod with the label k8s-app=aws-node, running or not');
}

function map<A, B>(taken: Taken<A>, make: (value: A) => B): Taken<B> {
  return 'missing' in taken ? taken : { value: make(taken.value) };
}

/** Rights that hold, or else the step that found them missing. */
function where<T>(taken: Taken<T>, holds: (value: T) => boolean): Taken<T> {
  return 'missing' in taken || holds(taken.value) ? taken : { missing: 'authorisation' };
}
