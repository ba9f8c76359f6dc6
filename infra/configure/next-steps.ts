import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The commands after `configure`, a line each. In the package there is no app that reads the file: that is the user's. */
export function nextSteps(file: string, account: string, region: string): string[] {
  const packed = join(import.meta.dirname, '../infra/rbac.yaml');
  const isPackage = existsSync(packed);
  const rbac = isPackage ? packed : join(import.meta.dirname, '../rbac.yaml');
  const context = file === 'clusters.json' ? '' : ` -- -c config=${file}`;
  return [
    `kubectl apply -f ${relative('', rbac)}`,
    `npx cdk bootstrap aws://${account}/${region}`,
    isPackage ? 'npx cdk deploy --all' : `npm run deploy${context}`,
    '(bootstrap is needed once for each account and region)',
    ...(isPackage
      ? [`(your app creates the stacks: for each entry of readConfiguration('${file}') a CniMetricsStack)`]
      : []),
  ];
}
