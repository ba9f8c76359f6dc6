import type { EmbeddedCluster } from '../embedded-cluster.ts';

/** Something that happens to the simulated cluster, for as long as it is chosen. */
export interface Scenario {
  readonly title: string;
  /** What to look for. */
  readonly about: string;
  /** Whether the schedule still starts the function; default true. */
  readonly runs?: boolean;
  /** @returns what happens after each ten seconds; `minutes` since the scenario was chosen */
  begin(cluster: EmbeddedCluster): (minutes: number) => void;
}
