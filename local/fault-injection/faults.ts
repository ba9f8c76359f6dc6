import type { EmbeddedCluster } from '../embedded-cluster.ts';
import type { View } from '../load-function.ts';
import { ACCOUNT_LINKS } from './account.ts';
import { CLUSTER_LINKS } from './cluster.ts';
import type { Link } from './fault.ts';
import { NETWORK_LINKS } from './network.ts';
import { SERVICE_LINKS } from './services.ts';

/** Every link that can be broken, by name. */
export const LINKS = { ...ACCOUNT_LINKS, ...NETWORK_LINKS, ...CLUSTER_LINKS, ...SERVICE_LINKS };

export type LinkName = keyof typeof LINKS;

/** The cluster as the function sees it once a link is broken. */
export interface BrokenCluster extends View {
  close(): Promise<void>;
}

/** Breaks one link of a cluster that is whole. */
export async function breakLink(cluster: EmbeddedCluster, name: LinkName): Promise<BrokenCluster> {
  const link: Link = LINKS[name];
  const { environment = {}, clockAheadMs = 0, close } = await link.breakIn(cluster);
  const changed = Object.entries({ ...cluster.environment, ...environment });
  return {
    environment: Object.fromEntries(
      changed.flatMap(([variable, value]) => (value === undefined ? [] : [[variable, value]])),
    ),
    fleet: { now: () => cluster.fleet.now() + clockAheadMs },
    close: async () => close?.(),
  };
}
