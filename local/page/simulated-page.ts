import type { Clock } from '../../lambda/deadline.ts';
import { CLUSTER_NAME, type EmbeddedCluster } from '../embedded-cluster.ts';
import { RunningScenario } from '../scenarios/running-scenario.ts';
import { REGION } from '../simulation/fleet.ts';
import { deploymentOf } from './deployment.ts';
import { Playback } from './playback.ts';
import { Runs } from './runs.ts';
import { type Page, startPage } from './server.ts';

/** The page of an embedded cluster. */
export interface SimulatedPage extends Page {
  readonly runs: Runs;
  readonly scenario: RunningScenario;
  readonly playback: Playback;
}

/** @param port the first port tried @param clock by which the viewer waits */
export async function startSimulatedPage(
  cluster: EmbeddedCluster,
  port: number,
  clock: Pick<Clock, 'elapsed'>,
): Promise<SimulatedPage> {
  const deployment = deploymentOf({ name: CLUSTER_NAME, region: REGION, subnetMetrics: true });
  const runs = new Runs(deployment, cluster.cloudwatch.history, cluster.fleet.now);
  const controls = { scenario: new RunningScenario(cluster), playback: new Playback(clock) };
  cluster.cloudwatch.describe(runs.source().alarms);
  const page = await startPage(runs.source(controls), port);
  return { ...page, ...controls, runs };
}
