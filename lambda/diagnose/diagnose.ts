import type { AddressReport } from '../collect/address-report.ts';
import type { Pod } from '../collect/ports.ts';
import type { Config } from '../config.ts';
import type { Clock, Deadline } from '../deadline.ts';
import { readAddresses } from './addresses.ts';
import { scrapeAll, scrapeOne } from './pods.ts';
import type { ClusterProbes, DescribedCluster, KubernetesRights, Principal, Probes } from './ports.ts';
import { failed, notNeeded, ok, type StepResult } from './step-result.ts';
import { allOf, type Input, mapInput, NO_INPUT, STEPS_TO_PODS, type Step, Steps } from './steps.ts';

/** What a diagnosis returns; the shape is documented in docs/report-and-events.md and stays stable. */
export interface Diagnosis {
  /** No step failed. */
  readonly healthy: boolean;
  readonly steps: readonly Step[];
  /** One line per pod; only if the event asks for it (verbose). */
  readonly podLines?: readonly string[];
  /** Who holds the addresses of the subnets; absent if it is not known. */
  readonly addresses?: AddressReport;
}

/** What a diagnosis works with. */
export interface Diagnosable {
  /** @throws CollectorError */
  readonly config: () => Config;
  readonly credentials: (deadline: Deadline) => Promise<StepResult<Principal>>;
  readonly probes: (config: Config) => Probes;
  readonly clock: Clock;
}

/**
 * Follows the path of a cycle step by step and continues after a failure: a step is skipped only if it needs the
 * result of a failed one. It changes nothing: no metric is published and no state is written. It never throws, and
 * ends before the invocation does.
 * @param options.deadline when the invocation is cut off
 */
export async function diagnose(
  { clock, ...subject }: Diagnosable,
  { deadline, verbose }: { readonly deadline: Deadline; readonly verbose: boolean },
): Promise<Diagnosis> {
  const steps = new Steps(clock, deadline);
  const config = await steps.run('configuration', NO_INPUT, async () => describeConfig(subject.config()));
  const principal = await steps.run('credentials', NO_INPUT, (_, limit) => subject.credentials(limit));
  const probes = mapInput(config, subject.probes);
  const account = allOf(probes, principal);

  const services = Promise.all([
    steps.run('cloudwatch', account, ([probe], limit) => probe.publishing(limit)),
    steps.run('state', account, ([probe], limit) => probe.state(limit)),
  ]);
  const subnets = steps.run('ec2', account, ([probe], limit) => probe.ec2(limit));
  const path = await findPods(steps, config, probes, account);
  try {
    // The addresses of the pods tell the nodes of the cluster; without them, tags do. Before the pods are read: a silent
    // one takes all the time that is left.
    const podAddresses = path.pods.flatMap(({ address = [] }) => address);
    const addresses = await steps.run('addresses', allOf(probes, await subnets), ([probe, known], limit) =>
      readAddresses(probe.holdings, { subnets: known, podAddresses }, clock.now(), limit),
    );
    const podLines = path.readable ? await scrapePods(steps, path.readable, clock) : [];
    await services;
    return {
      healthy: steps.all.every(({ status }) => status !== 'failed'),
      steps: steps.all,
      ...(verbose && { podLines }),
      ...('value' in addresses && addresses.value && { addresses: addresses.value }),
    };
  } finally {
    path.close();
  }
}

/** What is needed to read the pods. */
type Readable = Input<
  readonly [ClusterProbes, readonly [readonly [Pod, ...Pod[]], KubernetesRights], Config]
>;

/** Where the path to the pods leads. */
interface FoundPods {
  /** Empty if they are not known. */
  readonly pods: readonly Pod[];
  /** Undefined: none are to be read. */
  readonly readable: Readable | undefined;
  close(): void;
}

/** From the description of the cluster to the list of pods: each step needs the one before it. */
async function findPods(
  steps: Steps,
  config: Input<Config>,
  probes: Input<Probes>,
  account: Input<readonly [Probes, Principal]>,
): Promise<FoundPods> {
  const described = await describeCluster(steps, config, account);
  if ('value' in config && config.value.pods === 'none') return skipPods(steps);
  const endpoint = mapInput(described, (cluster) => cluster.endpoint);
  const address = await steps.run('dns', allOf(probes, endpoint), ([probe, server], limit) =>
    probe.resolve(server, limit),
  );
  const connected = await steps.run(
    'tcp',
    allOf(probes, endpoint, address),
    ([probe, server, resolved], limit) => probe.connect(server, resolved, limit),
  );
  const trusted = await steps.run('tls', allOf(probes, endpoint, connected), ([probe, server], limit) =>
    probe.handshake(server, limit),
  );
  const cluster = mapInput(allOf(account, described, trusted), ([[probe, principal], known]) =>
    probe.cluster(known, principal),
  );
  const skew = await steps.run('clock', cluster, (probe, limit) => probe.clock(limit));
  const user = await steps.run('authentication', allOf(cluster, skew), ([probe, skewMs], limit) =>
    probe.authenticate(skewMs, limit),
  );
  const rights = await steps.run('authorization', allOf(cluster, user), ([probe, who], limit) =>
    probe.authorize(who, limit),
  );
  const mayList = allowed(rights, ({ listPods }) => listPods);
  const pods = await steps.run('pods', allOf(cluster, mayList), async ([probe], limit) => {
    const [running, notRunning] = await Promise.all([probe.listPods(limit), probe.podsNotRunning(limit)]);
    return checkPods(running, notRunning);
  });
  const mayRead = allowed(allOf(pods, rights), ([, { readPods }]) => readPods);
  return {
    pods: 'value' in pods ? pods.value : [],
    readable: allOf(cluster, mayRead, config),
    close() {
      if ('value' in cluster) cluster.value.close();
    },
  };
}

/** Without aws-node pods the API server is not asked either. */
async function skipPods(steps: Steps): Promise<FoundPods> {
  for (const name of STEPS_TO_PODS)
    await steps.run(name, NO_INPUT, async () => notNeeded('PODS=none: no pods are read', undefined));
  return { pods: [], readable: undefined, close: () => undefined };
}

/** Reads one pod, then all. @returns one line per pod, by name */
async function scrapePods(steps: Steps, readable: Readable, clock: Clock): Promise<string[]> {
  const podLines: string[] = [];
  await steps.run('scrape-one', readable, ([reader, [[first]], { scrape }], limit) =>
    scrapeOne(reader, first, limit.within(scrape.timeoutMs)),
  );
  await steps.run('scrape-all', readable, ([reader, [found], { scrape }], deadline) =>
    scrapeAll(reader, found, { ...scrape, deadline, clock }, (line) => podLines.push(line)),
  );
  return podLines.sort();
}

/** EKS is asked only if the configuration does not name the API server. */
function describeCluster(
  steps: Steps,
  config: Input<Config>,
  account: Input<readonly [Probes, Principal]>,
): Promise<Input<DescribedCluster>> {
  const endpoint = 'value' in config ? config.value.endpoint : undefined;
  if (endpoint)
    return steps.run('describe-cluster', NO_INPUT, async () =>
      notNeeded('CLUSTER_ENDPOINT and CLUSTER_CA are set, so EKS is not asked', { endpoint }),
    );
  return steps.run('describe-cluster', account, ([probe], limit) => probe.describeCluster(limit));
}

function describeConfig(config: Config): StepResult<Config> {
  const { clusterName, namespace, publish, state, subnets, scrape } = config;
  const seen = [
    `cluster ${clusterName}`,
    publish ? `publishes to namespace ${namespace}` : 'does not publish (USE_CLOUDWATCH)',
    state ? `state in s3://${state.bucket}/${state.key}` : 'state in memory (no STATE_BUCKET)',
    config.pods === 'none'
      ? 'watches no pods (PODS)'
      : `reads aws-node pods ${config.scrapeVia === 'node' ? 'at their nodes (SCRAPE_VIA)' : 'through the API server'}`,
    `subnet metrics ${subnets ? 'on' : 'off'}`,
    `${scrape.concurrency} pods at a time, ${scrape.timeoutMs} ms each`,
  ];
  return ok(seen.join('; '), config);
}

function checkPods(
  running: readonly Pod[],
  notRunning: readonly { readonly name: string; readonly phase: string }[],
): StepResult<readonly [Pod, ...Pod[]]> {
  const [first, ...others] = running;
  const named = notRunning.slice(0, 5).map(({ name, phase }) => `${name} ${phase}`);
  const rest =
    notRunning.length > 0 ? `${notRunning.length} more are not running (${named.join(', ')})` : 'no others';
  if (first) return ok(`${running.length} aws-node pods are running; ${rest}`, [first, ...others]);
  if (notRunning.length > 0)
    return failed(
      'pods-not-running',
      `none of ${notRunning.length} aws-node pods is running (${named.join(', ')})`,
    );
  return failed('no-pods', 'kube-system has no pod with the label k8s-app=aws-node, running or not');
}

/** The input if the right is granted, otherwise the step that found it missing. */
function allowed<T>(input: Input<T>, isAllowed: (value: T) => boolean): Input<T> {
  return 'missing' in input || isAllowed(input.value) ? input : { missing: 'authorization' };
}
