import type { EmbeddedCluster } from '../embedded-cluster.ts';
import type { View } from '../load-function.ts';
import { ACCOUNT_FAULTS } from './account.ts';
import { CLUSTER_FAULTS } from './cluster.ts';
import type { InjectableFault } from './fault.ts';
import { NETWORK_FAULTS } from './network.ts';
import { SERVICE_FAULTS } from './services.ts';

/** Every fault that can be injected, by name. */
export const FAULTS = { ...ACCOUNT_FAULTS, ...NETWORK_FAULTS, ...CLUSTER_FAULTS, ...SERVICE_FAULTS };

export type FaultName = keyof typeof FAULTS;

/** The environment and clock of the function after a fault is injected. */
interface FaultyCluster extends View {
  close(): Promise<void>;
}

/** Injects one fault into a healthy cluster. */
export async function injectFault(cluster: EmbeddedCluster, name: FaultName): Promise<FaultyCluster> {
  const fault: InjectableFault = FAULTS[name];
  const { environment = {}, clockAheadMs = 0, close } = await fault.inject(cluster);
  const changed = Object.entries({ ...cluster.environment, ...environment });
  return {
    environment: Object.fromEntries(
      changed.flatMap(([variable, value]) => (value === undefined ? [] : [[variable, value]])),
    ),
    fleet: { now: () => cluster.fleet.now() + clockAheadMs },
    close: async () => close?.(),
  };
}
