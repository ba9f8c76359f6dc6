import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CLUSTER_ACCESS } from '../../lambda/contract.ts';
import { type Settings, scrapeViaOf } from '../settings.ts';

/** The commands after `configure`, a line each. In the package there is no app that reads the file: that is the user's. */
export function nextSteps(file: string, account: string, region: string, settings: Settings): string[] {
  const { manifest } = CLUSTER_ACCESS[scrapeViaOf(settings)];
  const packed = join(import.meta.dirname, '..', manifest);
  const isPackage = existsSync(packed);
  const rbac = isPackage ? packed : join(import.meta.dirname, '../..', manifest);
  const context = file === 'clusters.json' ? '' : ` -- -c config=${file}`;
  return [
    ...(settings.PODS === 'none' ? [] : [`kubectl apply -f ${relative('', rbac)}`]),
    `npx cdk bootstrap aws://${account}/${region}`,
    isPackage ? 'npx cdk deploy --all' : `npm run deploy${context}`,
    '(bootstrap is needed once for each account and region)',
    ...(isPackage
      ? [`(your app creates the stacks: for each entry of readConfiguration('${file}') a CniMetricsStack)`]
      : []),
  ];
}
