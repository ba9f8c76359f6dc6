import type { Neighbor } from './neighbors.ts';
import { startProcess } from './process.ts';
import type { Random } from './random.ts';
import { series } from './series.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { keepPoolWarm, reconcile, startUp } from './warm-pool.ts';

export const REQUESTED_ADDRESS = series('awscni_add_ip_req_count');
const REFUSED = series('awscni_no_available_ip_addresses');
export const DELETED_POD = series('awscni_del_ip_req_count', { reason: 'PodDeleted' });
const SETUP_FAILED = series('awscni_del_ip_req_count', { reason: 'SetupNSFailed' });
const FORCED_ENIS = series('awscni_force_removed_enis');
const RECONCILE_MS = 60_000;
/** aws-node and kube-proxy have the node's own address. */
const HOST_NETWORK_PODS = 2;
const DAY_MS = 86_400_000;

/** What happens on a node in the `ms` that end at `now`. */
export function stepNode(node: SimulatedNode, now: number, ms: number, random: Random): void {
  const { rates } = node;
  if (random.chance((rates.restartsPerDay * ms) / DAY_MS))
    restartProcess(node, now - random.below(ms), random);
  runPods(node, now, random);
  keepPoolWarm(node, now, random);
  // ipamd looks at its pool every five seconds, which matters where it keeps few addresses warm.
  if (rates.warmIps) {
    runPods(node, now, random);
    keepPoolWarm(node, now, random);
  }
  const age = now - node.startedAt;
  if (Math.floor(age / RECONCILE_MS) !== Math.floor((age - ms) / RECONCILE_MS)) reconcile(node, age, random);
  if (random.chance(rates.lostInterfacesPerDay * (ms / DAY_MS))) loseInterface(node);
}

/** kubelet restarts ipamd's container in the same pod; other pods keep running. */
export function restartProcess(node: SimulatedNode, now: number, random: Random): void {
  // No two processes have the same start time.
  node.process = startProcess(Math.max(now, node.process.startTime * 1000 + 10));
  node.pool.restart();
  node.coolUntil = 0;
  startUp(node, random);
}

function runPods(node: SimulatedNode, now: number, random: Random): void {
  const { pool, process, rates } = node;
  const missing = wantedPods(node, now) - pool.assigned();
  const churn = random.chance(rates.podChurn) ? 1 : 0;

  for (let ends = Math.min(pool.assigned(), 3, Math.max(0, -missing) + churn); ends > 0; ends -= 1) {
    pool.release(random);
    process.count(DELETED_POD);
  }
  for (let starts = Math.min(3, Math.max(0, missing) + churn); starts > 0; starts -= 1) {
    process.count(REQUESTED_ADDRESS);
    if (!pool.assign()) {
      process.count(REFUSED);
      // kubelet deletes the sandbox that has no network, and tries again with a new one.
      process.count(DELETED_POD);
      break;
    } else if (random.chance(0.002)) {
      pool.release(random);
      process.count(SETUP_FAILED);
    }
  }
}

function wantedPods(
  { type, mode, load, startedAt, rates, burst, excessPods }: SimulatedNode,
  now: number,
): number {
  const most = (mode === 'secondary' ? type.maxPods : 110) - HOST_NETWORK_PODS;
  const share = () => {
    if (rates.load === 'full') return 1;
    // Three times as many pods at noon as at midnight.
    if (rates.load === 'day') return load.base * (1 - 0.5 * Math.cos((2 * Math.PI * now) / DAY_MS));
    return load.base + 0.25 * Math.sin((2 * Math.PI * (now - startedAt)) / load.periodMs + load.phase);
  };
  const usual = Math.round(most * Math.min(1, Math.max(0.02, share())));
  return Math.min(most, usual + (now < burst.until ? burst.pods : 0)) + excessPods;
}

/** Somebody detaches an interface that pods use, without ipamd. */
function loseInterface({ pool, process, subnet }: SimulatedNode): void {
  const eni = pool.enis[1];
  if (!eni) return;
  const inUse = pool.removeEni(eni);
  subnet.give(eni.cidrs.map(({ text }) => text));
  process.count(series('awscni_reconcile_count', { fn: 'eniReconcileDel' }));
  if (inUse === 0) return;
  process.count(FORCED_ENIS);
  process.count(series('awscni_force_removed_ips'), inUse);
}

/** The instance is terminated, but only its primary interface is deleted with it. @returns the others */
export function leakInterfaces({ pool, subnet, ip, instanceId }: SimulatedNode): Neighbor[] {
  const [primary, ...others] = pool.enis;
  subnet.give([ip, ...(primary?.cidrs.map(({ text }) => text) ?? [])]);
  return others.map(({ id, cidrs }) => ({
    id,
    subnet,
    type: 'interface',
    description: `aws-K8S-${instanceId}`,
    isAttached: false,
    tags: { 'node.k8s.amazonaws.com/instance_id': instanceId },
    cidrs: cidrs.map(({ text }) => text),
  }));
}

/** Gives all its addresses back: the instance is terminated. */
export function releaseAddresses({ pool, subnet, ip, mode }: SimulatedNode): void {
  subnet.give([ip]);
  if (mode === 'ipv6') return;
  for (const { cidrs } of pool.enis) subnet.give(cidrs.map(({ text }) => text));
}
