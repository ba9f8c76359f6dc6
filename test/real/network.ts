import { execFileSync } from 'node:child_process';
import { PARTS_VARIABLE } from './variable.ts';

/** First two bytes of the addresses of pods: what the API server meets when it dials them. */
export const NETWORKS = {
  /** A listener where ipamd-metrics has one, otherwise `connection refused`. */
  local: '10.77',
  /** The packets are lost, as in a security group without the rule. */
  dropped: '10.79',
  /** `no route to host` */
  unroutable: '10.80',
  /** `network is unreachable` */
  unknown: '10.99',
} as const;

/** The address of the API server besides loopback, which it cannot advertise. */
export const ADVERTISED = `${NETWORKS.local}.255.1`;

/** Of an interface without ARP that ends nowhere, no packet comes back. */
const COMMANDS = `
link set lo up
address add ${ADVERTISED}/32 dev lo
route add local ${NETWORKS.local}.0.0/16 dev lo
link add sink arp off type veth peer name nowhere
link set sink up
link set nowhere up
route add ${NETWORKS.dropped}.0.0/16 dev sink
route add unreachable ${NETWORKS.unroutable}.0.0/16
`;

/** Sets up the network of the namespace that this process runs in, once for all scenarios. */
export default function setup(): void {
  if (process.env[PARTS_VARIABLE] !== undefined) execFileSync('ip', ['-batch', '-'], { input: COMMANDS });
}
