import { parseArgs } from 'node:util';
import { choose } from './choose.ts';
import { describeCluster, describeVpc } from './discover.ts';
import { writeEntry } from './file.ts';

const USAGE = `npm run configure -- --cluster NAME --region REGION [options]

Asks EKS and EC2 about a cluster and writes its entry into clusters.json. Changes nothing in AWS.

  --file PATH           write another file
  --open-metrics-port   have the stack open tcp/61678 at node security groups that lack the rule
  --create-endpoints    have the stack make the VPC endpoints that are missing`;

try {
  const { values } = parseArgs({
    options: {
      cluster: { type: 'string' },
      region: { type: 'string' },
      file: { type: 'string', default: 'clusters.json' },
      'open-metrics-port': { type: 'boolean', default: false },
      'create-endpoints': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(USAGE);
  else if (!values.cluster || !values.region)
    throw new Error(`--cluster and --region are needed.\n\n${USAGE}`);
  else await configure(values.cluster, values.region, values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function configure(
  name: string,
  region: string,
  options: { file: string; 'open-metrics-port': boolean; 'create-endpoints': boolean },
): Promise<void> {
  const cluster = await describeCluster(name, region);
  const vpc = await describeVpc(cluster);
  const { discovered, said, warnings } = choose(cluster, vpc, {
    openMetricsPort: options['open-metrics-port'],
    createEndpoints: options['create-endpoints'],
  });
  writeEntry(options.file, discovered);
  for (const line of said) console.log(`  ${line}`);
  for (const line of warnings) console.log(`! ${line}`);
  console.log(
    `Written to ${options.file}. Next: npx cdk bootstrap aws://${cluster.account}/${region} (once), then npm run deploy`,
  );
}
