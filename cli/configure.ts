import { ConflictingOptions, configure } from '../infra/configure/configure.ts';
import { messageOf } from '../lambda/domain/error-message.ts';
import { printable } from '../lambda/domain/printable.ts';
import type { Command } from './command.ts';
import { parseOptions, UsageError } from './command-line.ts';

/** `configure`: the configuration file of a deployment. */
export const CONFIGURE: Command = {
  usage: {
    synopsis: 'eks-cni-metrics configure --cluster NAME [--region REGION] [options]',
    about:
      'Asks EKS and EC2 about a cluster and writes its entry into clusters.json. Changes nothing in AWS.',
    tables: [
      {
        title: 'options',
        rows: [
          ['--cluster NAME', 'as EKS has it'],
          ['--region REGION', 'of the cluster (default AWS_REGION)'],
          ['--file PATH', 'write another file'],
          ['--topic ARN', 'SNS topic for critical alarms, and for warnings unless they have their own'],
          ['--warning-topic ARN', 'SNS topic for warnings'],
          ['--email ADDRESS', 'have the stack create topics for both, and subscribe this address'],
          ['--open-metrics-port', 'have the stack open tcp/61678 at node security groups that lack the rule'],
          [
            '--direct',
            'have the function read the nodes directly, not through the API server (SCRAPE_VIA=node)',
          ],
          ['--create-endpoints', 'have the stack create the VPC endpoints that are missing'],
        ],
      },
    ],
  },
  async run(args) {
    const options = configureOptions(args);
    // Certificates are checked in any case: the answers decide which API server the function trusts and sends its token to. The
    // SDK makes clients of its own for credentials, such as those of IAM Identity Center, so no option of ours reaches all of them.
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    try {
      await configure(options, (line) => process.stdout.write(`${line}\n`));
      return 0;
    } catch (error) {
      const lines = messageOf(error).split('\n').map(printable);
      if (error instanceof ConflictingOptions) throw new UsageError(lines.join(' '), { cause: error });
      process.stderr.write(`${lines.join('\n')}\n`);
      return 1;
    }
  },
};

/** @throws UsageError */
function configureOptions(args: readonly string[]) {
  const values = parseOptions(args, {
    cluster: { type: 'string' },
    region: { type: 'string' },
    file: { type: 'string', default: 'clusters.json' },
    topic: { type: 'string' },
    'warning-topic': { type: 'string' },
    email: { type: 'string' },
    'open-metrics-port': { type: 'boolean', default: false },
    direct: { type: 'boolean', default: false },
    'create-endpoints': { type: 'boolean', default: false },
  });
  const region = values.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (!values.cluster || !region)
    throw new UsageError(`${values.cluster ? '--region (or AWS_REGION)' : '--cluster'} is missing`);
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
