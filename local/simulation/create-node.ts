import { createAddressPool } from './address-pool.ts';
import { INSTANCE_TYPES } from './instance-types.ts';
import { DELETED_POD, REQUESTED_ADDRESS } from './node.ts';
import { startProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Rates } from './rates.ts';
import type { AddressMode, SimulatedNode } from './simulated-node.ts';
import type { Subnet } from './subnet.ts';
import { fillPool, startUp } from './warm-pool.ts';

const HOUR_MS = 3_600_000;
/** The characters that Kubernetes uses for generated names. */
const NAME_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';

export interface NodeOptions {
  readonly mode?: AddressMode;
  /** Milliseconds that it has been running before `now`, with counters to match; default 0. */
  readonly ageMs?: number;
}

/**
 * Starts a node in one of the emptier subnets.
 * @param now epoch milliseconds
 * @returns undefined where no subnet has an address for it
 */
export function createNode(
  subnets: readonly Subnet[],
  now: number,
  random: Random,
  rates: Rates,
  { mode, ageMs = 0 }: NodeOptions = {},
): SimulatedNode | undefined {
  const [emptiest, next] = subnets.toSorted((a, b) => b.free() - a.free());
  const subnet = random.chance(0.4) ? next : emptiest;
  const [ip] = subnet?.takeAddresses(1) ?? [];
  if (!subnet || ip === undefined) return undefined;

  const node: SimulatedNode = {
    name: `ip-${ip.replaceAll('.', '-')}.${subnet.zone.slice(0, -1)}.compute.internal`,
    instanceId: random.id('i'),
    type: random.pick(INSTANCE_TYPES),
    subnet,
    ip,
    mode: mode ?? (random.chance(rates.prefixNodes) ? 'prefix' : 'secondary'),
    pod: podName(random),
    startedAt: now - ageMs,
    pool: createAddressPool(),
    process: startProcess(now - ageMs),
    rates,
    servesFrom: now - ageMs + rates.servesAfterMs,
    coolUntil: 0,
    burst: { pods: 0, until: 0 },
    excessPods: 0,
    load: {
      base: 0.2 + 0.6 * random.float(),
      periodMs: (1 + 5 * random.float()) * HOUR_MS,
      phase: 2 * Math.PI * random.float(),
    },
  };
  startUp(node, random);
  fillPool(node, now, random);
  addHistory(node, ageMs / HOUR_MS, random);
  return node;
}

/** A name as the DaemonSet's controller creates it. */
export const podName = (random: Random): string =>
  `aws-node-${Array.from({ length: 5 }, () => NAME_CHARACTERS.charAt(random.below(NAME_CHARACTERS.length))).join('')}`;

/** The counters of an ipamd that has run for some hours, and the series that deleted pods left behind. */
function addHistory({ process, pool, mode }: SimulatedNode, hours: number, random: Random): void {
  const pods = Math.round(hours * (20 + random.below(40)));
  if (pods === 0) return;
  process.count(REQUESTED_ADDRESS, pods);
  process.count(DELETED_POD, pods);
  const calls = Math.round(hours * 60) * 10 + 1;
  process.call('GetMetadata', calls, undefined, calls);
  if (mode !== 'secondary') return;
  for (let left = Math.min(pods, 220); left > 0; left -= 1) {
    pool.forgotten.add(`10.255.${random.below(256)}.${random.below(256)}/32`);
  }
}
