import { seededRandom } from '../../local/simulation/random.ts';
import type { Rates } from '../../local/simulation/rates.ts';
import type { AlarmSimulation } from '../support/alarm-simulation.ts';

const HOUR = 60;
const DAY = 24 * HOUR;

/** Kinds of healthy clusters. Each has hourly deployments, an upgrade of the CNI and of the control plane. */
export const KINDS = {
  usual: {},
  'WARM_IP_TARGET=5, 1 % of the EC2 calls fail': {
    warmIps: { target: 5, minimum: 0 },
    refusedCalls: 0.01,
  },
  'MINIMUM_IP_TARGET=30, WARM_IP_TARGET=5, nodes live 8 h': {
    warmIps: { target: 5, minimum: 30 },
    nodeLifeMs: 8 * 3_600_000,
  },
  'prefix delegation': { prefixNodes: 1 },
  'densely packed': { load: 'full' },
  'spot, nodes live 3 h': { nodeLifeMs: 3 * 3_600_000 },
  'nodes are slow to serve and to disappear, and live 8 h': {
    servesAfterMs: 60_000,
    staysListedMs: 180_000,
    nodeLifeMs: 8 * 3_600_000,
  },
  'pods live an hour, ipamd restarts and reconciles five times as often': {
    podChurn: 0.1,
    restartsPerDay: 0.1,
    reconciling: 0.01,
  },
} as const satisfies Readonly<Record<string, Partial<Rates>>>;

export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS).filter((name): name is Kind => name in KINDS);

/** After the start of the simulation, at noon. */
const CNI_UPGRADE = 3 * HOUR;
const CONTROL_PLANE_UPGRADE = 8 * HOUR;
const SCALE_OUT = { from: 15 * HOUR, to: 18 * HOUR };

/** A day and two hours of a cluster in which nothing is wrong. */
export function healthyDay(kind: Kind, nodes: number, seed: number, intervalMinutes = 1): AlarmSimulation {
  const most = nodes + Math.min(190, Math.max(nodes, 20));
  return {
    nodes,
    seed,
    // With little room the scale-out would be an incident.
    roomFor: 2 * most,
    minutes: DAY + 2 * HOUR,
    intervalMinutes,
    rates: KINDS[kind],
    // On where SUBNET_METRICS is off, and then it sees the same.
    overrides: { subnetExhausted: true },
    onMinute: (fleet) => {
      const random = seededRandom(seed + 1);
      const toReplace: string[] = [];
      return (minute) => {
        const time = fleet.now();
        if (minute % HOUR === 7) {
          for (const node of fleet.nodes()) {
            if (random.chance(0.3)) node.burst = { pods: 1 + random.below(6), until: time + 3 * 60_000 };
          }
        }
        // A rolling update of the DaemonSet takes a tenth of the pods at a time.
        if (minute === CNI_UPGRADE) toReplace.push(...fleet.nodes().map(({ pod }) => pod));
        for (const pod of toReplace.splice(0, Math.ceil(fleet.nodes().length / 10))) {
          if (fleet.find(pod)) fleet.replacePod(pod);
        }
        // Karpenter adds many nodes in five minutes; most are gone after some hours.
        if (minute === SCALE_OUT.from) fleet.resize(most);
        if (minute === SCALE_OUT.to) fleet.resize(nodes);
        // API servers are replaced one after the other: one list fails, and what no repetition in the cycle could read.
        if (minute === CONTROL_PLANE_UPGRADE) return { outcome: 'failed' };
        if (minute > CONTROL_PLANE_UPGRADE && minute < CONTROL_PLANE_UPGRADE + 10)
          return { outcome: 'published', isUnread: () => random.chance(0.05), durationMs: 20_000 };
        return undefined;
      };
    },
  };
}
