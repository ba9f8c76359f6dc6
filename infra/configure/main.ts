import { parseArgs } from 'node:util';
import { messageOf, printable } from '../../lambda/contract.ts';
import type { TopicOptions } from '../alarms/topics.ts';
import { scrapeViaOf } from '../settings.ts';
import { choose } from './choose.ts';
import { describeCluster, describeVpc } from './discover.ts';
import { knownSettings, writeEntry } from './file.ts';
import { nextSteps } from './next-steps.ts';

const USAGE = `usage: eks-cni-metrics configure --cluster NAME [--region REGION] [options]

Asks EKS and EC2 about a cluster and writes its entry into clusters.json. Changes nothing in AWS.

  --region REGION       of the cluster; default: AWS_REGION
  --file PATH           write another file
  --topic ARN           SNS topic for critical alarms, and for warnings unless they have their own
  --warning-topic ARN   SNS topic for warnings
  --email ADDRESS       have the stack create topics for both, and subscribe this address
  --open-metrics-port   have the stack open tcp/61678 at node security groups that lack the rule
  --direct              have the function read the nodes directly, not through the API server (SCRAPE_VIA=node)
  --create-endpoints    have the stack create the VPC endpoints that are missing
  --help                show this`;

/** A fault in the arguments. */
class UsageError extends Error {}

interface Arguments {
  readonly cluster: string;
  readonly region: string;
  readonly file: string;
  readonly openMetricsPort: boolean;
  readonly direct: boolean;
  readonly createEndpoints: boolean;
  readonly alarms: TopicOptions;
}

try {
  const given = argumentsOf(process.argv.slice(2));
  if (given === undefined) console.log(USAGE);
  else await configure(given);
} catch (error) {
  const message = messageOf(error);
  console.error(message.split('\n').map(printable).join('\n'));
  if (error instanceof UsageError) console.error('--help shows all options.');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** Undefined: help is asked for. */
function argumentsOf(args: string[]): Arguments | undefined {
  const values = parsed(args);
  const region = values.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (values.help) return undefined;
  if (!values.cluster || !region)
    throw new UsageError(`${values.cluster ? '--region (or AWS_REGION)' : '--cluster'} is missing.`);
  if (values.direct && values['open-metrics-port'])
    throw new UsageError(
      '--direct opens what it needs; --open-metrics-port is for reads through the API server.',
    );
  return {
    cluster: values.cluster,
    region,
    file: values.file,
    openMetricsPort: values['open-metrics-port'],
    direct: values.direct,
    createEndpoints: values['create-endpoints'],
    alarms: {
      ...(values.topic && { topicArn: values.topic }),
      ...(values['warning-topic'] && { warningTopicArn: values['warning-topic'] }),
      ...(values.email && { email: values.email }),
    },
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        cluster: { type: 'string' },
        region: { type: 'string' },
        file: { type: 'string', default: 'clusters.json' },
        topic: { type: 'string' },
        'warning-topic': { type: 'string' },
        email: { type: 'string' },
        'open-metrics-port': { type: 'boolean', default: false },
        direct: { type: 'boolean', default: false },
        'create-endpoints': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

async function configure({ cluster: name, region, file, alarms, ...options }: Arguments): Promise<void> {
  const cluster = await describeCluster(name, region);
  const { account } = cluster;
  const isDirect = scrapeViaOf(knownSettings(file, { account, region, name })) === 'node';
  if (isDirect && options.openMetricsPort)
    throw new UsageError(
      `--open-metrics-port is for reads through the API server: ${file} has SCRAPE_VIA: node.`,
    );
  const direct = options.direct || isDirect;
  const { discovered, said, warnings } = choose(cluster, await describeVpc(cluster), { ...options, direct });
  const entry = writeEntry(file, discovered, alarms);
  for (const line of said) console.log(`  ${printable(line)}`);
  for (const line of warnings) console.log(`! ${printable(line)}`);
  if (entry.alarms !== false && !entry.alarms?.topicArn && !entry.alarms?.email)
    console.log('! the alarms notify nobody: run this again with --topic ARN or --email ADDRESS');
  console.log(`Written to ${file}. Next:`);
  for (const line of nextSteps(file, account, region, scrapeViaOf(entry.settings ?? {})))
    console.log(`  ${line}`);
}
