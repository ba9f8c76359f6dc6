import { SYSTEM_CLOCK } from '../../lambda/adapters/system-clock.ts';
import { MetricHistory } from '../cloudwatch/metric-history.ts';
import { deploymentOf } from './deployment.ts';
import { type Run, Runs } from './runs.ts';
import { type Page, startPage } from './server.ts';

/** The page of a real cluster: what was collected since it was started. */
interface LivePage extends Page {
  add(run: Run): void;
}

/** @param port the first port tried */
export async function startLivePage(clusterName: string, port: number): Promise<LivePage> {
  // Neither the Region nor the subnets of the cluster are read.
  const deployment = deploymentOf({ name: clusterName, region: 'local', subnetMetrics: false });
  const runs = new Runs(deployment, new MetricHistory(), SYSTEM_CLOCK.now);
  const page = await startPage(runs.source(), port);
  return {
    ...page,
    add(run) {
      if (run.report) runs.publish(run.report);
      runs.add(run);
    },
  };
}
