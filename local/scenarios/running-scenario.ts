import type { EmbeddedCluster } from '../embedded-cluster.ts';
import type { Scenario } from './scenario.ts';
import { NORMAL_RATES, SCENARIOS, type ScenarioName } from './scenarios.ts';

const STEP_MS = 10_000;
const STEPS = 6;

/** Does to the cluster what the chosen scenario says, minute by minute. */
export class RunningScenario {
  readonly #cluster: EmbeddedCluster;
  readonly #nodes: number;
  #name: ScenarioName = 'healthy';
  readonly #begun: { readonly time: number; readonly title: string }[] = [];
  #steps = 0;
  #step: (minutes: number) => void;

  constructor(cluster: EmbeddedCluster) {
    this.#cluster = cluster;
    this.#nodes = cluster.fleet.nodes().length;
    this.#step = SCENARIOS.healthy.begin();
  }

  get name(): ScenarioName {
    return this.#name;
  }

  /** When each scenario was chosen, epoch milliseconds, oldest first. */
  get begun(): readonly { readonly time: number; readonly title: string }[] {
    return this.#begun;
  }

  /** Whether the schedule starts the function. */
  get runs(): boolean {
    const { runs = true }: Scenario = SCENARIOS[this.#name];
    return runs;
  }

  /** Ends what the scenario before does. Its marks, such as scattered addresses, stay. */
  choose(name: ScenarioName): void {
    const { fleet } = this.#cluster;
    Object.assign(fleet.rates, NORMAL_RATES);
    fleet.resize(this.#nodes);
    for (const subnet of fleet.subnets()) subnet.useByOthers(0);
    for (const node of fleet.nodes()) {
      node.burst = { pods: 0, until: 0 };
      node.excessPods = 0;
    }
    const scenario: Scenario = SCENARIOS[name];
    this.#name = name;
    this.#begun.push({ time: fleet.now(), title: scenario.title });
    this.#steps = 0;
    this.#step = scenario.begin(this.#cluster);
  }

  /** Lets a minute pass. */
  advance(): void {
    const { fleet, apiServer } = this.#cluster;
    apiServer.faults.pods.clear();
    for (let step = 0; step < STEPS; step += 1) {
      fleet.advance(STEP_MS);
      this.#steps += 1;
      this.#step(this.#steps / STEPS);
    }
  }
}
