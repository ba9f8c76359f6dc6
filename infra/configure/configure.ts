import { printable } from '../../lambda/contract.ts';
import type { TopicOptions } from '../alarms/topics.ts';
import { scrapeViaOf } from '../settings.ts';
import { choose } from './choose.ts';
import type { Options } from './command-options.ts';
import { describeCluster, describeVpc } from './discover.ts';
import { knownSettings, writeEntry } from './file.ts';
import { nextSteps } from './next-steps.ts';

interface Arguments extends Options {
  readonly cluster: string;
  readonly region: string;
  /** Path of the configuration file. */
  readonly file: string;
  readonly alarms: TopicOptions;
}

/** The options contradict each other or the settings of the cluster. */
export class ConflictingOptions extends Error {}

/**
 * Asks EKS and EC2 about a cluster and writes its entry into the configuration file.
 * @param print takes one line of what was found and what comes next
 * @throws ConflictingOptions; Error that names a call that failed, or a fault of the file
 */
export async function configure(
  { cluster: name, region, file, alarms, ...options }: Arguments,
  print: (line: string) => void,
): Promise<void> {
  if (options.direct && options.openMetricsPort)
    throw new ConflictingOptions(
      '--direct opens what it needs; --open-metrics-port is for reads through the API server',
    );
  const cluster = await describeCluster(name, region);
  const { account } = cluster;
  const isDirect = scrapeViaOf(knownSettings(file, { account, region, name })) === 'node';
  if (isDirect && options.openMetricsPort)
    throw new ConflictingOptions(
      `--open-metrics-port is for reads through the API server: ${file} has SCRAPE_VIA: node`,
    );
  const direct = options.direct || isDirect;
  const { discovered, explanation, warnings } = choose(cluster, await describeVpc(cluster), {
    ...options,
    direct,
  });
  const entry = writeEntry(file, discovered, alarms);
  for (const line of explanation) print(`  ${printable(line)}`);
  for (const line of warnings) print(`! ${printable(line)}`);
  if (entry.alarms !== false && !entry.alarms?.topicArn && !entry.alarms?.email)
    print('! the alarms notify nobody: run this again with --topic ARN or --email ADDRESS');
  print(`Written to ${file}. Next:`);
  for (const line of nextSteps(file, account, region, entry.settings ?? {})) print(`  ${line}`);
}
