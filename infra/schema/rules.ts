import { Token } from 'aws-cdk-lib';
import type { z } from 'zod';
import { partitionOf } from '../../lambda/contract.ts';
import { ALARM_IDS, ALARMS, type AlarmId } from '../alarms/definitions.ts';
import { alarmsIn, changeOf, missingNeed } from '../alarms/selection.ts';
import { evaluationFault, evaluationOf } from '../alarms/timing.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../function.ts';
import { clusterIdOf, DEFAULT_INTERVAL_MINUTES, ec2Actions, type Settings } from '../settings.ts';
import type { Rule } from './faults.ts';
import type { OPTIONS } from './option-fields.ts';
import { SETTINGS_RULES } from './settings.ts';

/** Options as the rules read them. The region is undefined where only the deployment knows it. */
export type Options = z.infer<z.ZodObject<typeof OPTIONS>> & { readonly region?: string | undefined };

/** What a deployment would fail on, or what would never work; for the file and for the construct. */
export const OPTION_RULES: readonly Rule<Options>[] = [
  ...SETTINGS_RULES,
  {
    reads: ['cluster'],
    at: 'cluster',
    fault: ({ cluster }) =>
      (cluster.endpoint === undefined) !== (cluster.certificateAuthority === undefined)
        ? 'endpoint and certificateAuthority go together: give both or neither'
        : undefined,
  },
  {
    reads: ['function.timeoutSeconds', 'settings.METRIC_UPDATE_INTERVAL'],
    at: 'function.timeoutSeconds',
    fault: ({ function: { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = {}, settings }) =>
      timeoutSeconds >= 60 * intervalOf(settings)
        ? `a cycle must end before the next: give less than ${60 * intervalOf(settings)} (METRIC_UPDATE_INTERVAL)`
        : undefined,
  },
  {
    reads: ['endpoints', 'cluster'],
    at: 'endpoints',
    fault: ({ endpoints, cluster }) =>
      endpoints?.includes('eks') && cluster.endpoint !== undefined
        ? 'eks is never called if endpoint and certificateAuthority are given'
        : undefined,
  },
  {
    reads: ['endpoints', 'settings.SUBNET_METRICS', 'settings.CLUSTER_ID_FROM'],
    at: 'endpoints',
    fault: ({ endpoints, settings = {} }) =>
      endpoints?.includes('ec2') && ec2Actions(settings).length === 0
        ? 'ec2 is called only with SUBNET_METRICS or CLUSTER_ID_FROM=ec2-tags'
        : undefined,
  },
  {
    reads: ['endpoints'],
    at: 'endpoints',
    fault: ({ endpoints = [] }) => duplicatesIn(endpoints),
  },
  {
    reads: ['nodeSecurityGroupIds'],
    at: 'nodeSecurityGroupIds',
    fault: ({ nodeSecurityGroupIds = [] }) => duplicatesIn(nodeSecurityGroupIds),
  },
  {
    reads: ['dashboard', 'alarms', 'settings.CLUSTER_ID_FROM', 'settings.USE_CLOUDWATCH'],
    at: 'settings',
    fault: ({ dashboard, alarms, settings = {} }) =>
      (dashboard === false && alarms === false) || clusterIdOf(settings, '') !== undefined
        ? undefined
        : 'with CLUSTER_ID_FROM=ec2-tags (give the ID as AWS_CLUSTER_ID instead) or USE_CLOUDWATCH=false, dashboard and alarms must be false',
  },
  {
    reads: ['alarms', 'settings.SUBNET_METRICS', 'settings.PODS'],
    at: 'alarms.overrides',
    fault: (options) =>
      options.alarms && alarmsIn(selectionOf(options)).length === 0
        ? 'no alarm is left: set alarms to false'
        : undefined,
  },
  ...ALARM_IDS.flatMap(overrideRules),
  topicRule('topicArn'),
  topicRule('warningTopicArn'),
  {
    reads: ['alarms.topicArn', 'alarms.warningTopicArn', 'alarms.email'],
    at: 'alarms',
    fault({ alarms }) {
      if (!alarms) return undefined;
      if (alarms.email && (alarms.topicArn || alarms.warningTopicArn))
        return 'email creates topics: remove it, or topicArn and warningTopicArn';
      return alarms.warningTopicArn && !alarms.topicArn ? 'warningTopicArn needs topicArn' : undefined;
    },
  },
  {
    reads: ['kmsKeyArn', 'region'],
    at: 'kmsKeyArn',
    fault: ({ kmsKeyArn, region }) => (kmsKeyArn && region ? placeFault(kmsKeyArn, region) : undefined),
  },
];

function overrideRules(id: AlarmId): Rule<Options>[] {
  const at = `alarms.overrides.${id}`;
  const overrideIn = ({ alarms }: Options) => (alarms ? alarms.overrides?.[id] : undefined) ?? false;
  return [
    {
      reads: [at, 'settings.SUBNET_METRICS', 'settings.PODS'],
      at,
      fault(options) {
        const lack = overrideIn(options) ? missingNeed(id, selectionOf(options)) : undefined;
        if (lack === 'pods') return 'this alarm watches aws-node pods, and PODS is none';
        return lack && 'this alarm exists only with SUBNET_METRICS: true';
      },
    },
    {
      reads: [at, 'settings.METRIC_UPDATE_INTERVAL'],
      at,
      fault: (options) =>
        evaluationFault(
          evaluationOf(ALARMS[id].timing, intervalOf(options.settings), changeOf(overrideIn(options))),
        ),
    },
  ];
}

/** CloudWatch sends to topics of its own region only. */
function topicRule(name: 'topicArn' | 'warningTopicArn'): Rule<Options> {
  const at = `alarms.${name}`;
  return {
    reads: [at, 'region'],
    at,
    fault({ alarms, region }) {
      const arn = alarms ? alarms[name] : undefined;
      return arn && region ? placeFault(arn, region) : undefined;
    },
  };
}

/** Whether an ARN names another region or partition than that of the deployment. */
function placeFault(arn: string, region: string): string | undefined {
  if (Token.isUnresolved(arn)) return undefined;
  const [, partition, , arnRegion] = arn.split(':');
  const own = partitionOf(region);
  if (own && partition !== own.name) return `is in the partition ${partition}, the cluster in ${own.name}`;
  if (arnRegion !== region) return `is in ${arnRegion}: it must be in the region of the cluster, ${region}`;
  return undefined;
}

const intervalOf = (settings: Settings = {}): number =>
  settings.METRIC_UPDATE_INTERVAL ?? DEFAULT_INTERVAL_MINUTES;

const selectionOf = ({ alarms, settings }: Options) => ({
  overrides: alarms ? alarms.overrides : undefined,
  has: {
    subnetMetrics: settings?.SUBNET_METRICS ?? false,
    pods: settings?.PODS !== 'none',
    deadLetterQueue: true,
  },
});

export function duplicatesIn(values: readonly string[]): string | undefined {
  const twice = values.filter((value, index) => values.indexOf(value) !== index);
  return twice.length > 0 ? `${[...new Set(twice)].join(', ')} is there more than once` : undefined;
}
