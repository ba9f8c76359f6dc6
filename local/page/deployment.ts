import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CniAlarms } from '../../infra/alarms/alarms.ts';
import { CniDashboard } from '../../infra/dashboard/dashboard.ts';
import type { AlarmSet } from '../cloudwatch/alarm-set.ts';
import { alarmNamesOf, alarmSetOf, describedAlarmsOf } from '../cloudwatch/alarms-of-template.ts';

/** What the CDK app deploys for a cluster, as far as a person looks at it. */
export interface Deployment {
  readonly name: string;
  /** DashboardBody, as CloudWatch gets it. */
  readonly dashboard: unknown;
  /** All alarms, with those that are parts of others. */
  readonly alarmSet: AlarmSet;
  /** Those that send messages. */
  readonly alarms: readonly { readonly name: string; readonly description: string }[];
}

export const FUNCTION_NAME = 'cni-metrics';
const ACCOUNT = '111122223333';
const RUNBOOK = 'docs/runbook.md';

interface Cluster {
  readonly name: string;
  readonly region: string;
  readonly subnetMetrics: boolean;
}

/** Dashboard and alarms from the constructs themselves. */
export function deploymentOf(cluster: Cluster): Deployment {
  const template = synthesized(cluster);
  return {
    ...dashboardOf(template, cluster.region),
    alarmSet: alarmSetOf(template),
    alarms: describedAlarmsOf(template).filter(({ description }) => description.includes(`${RUNBOOK}#`)),
  };
}

function synthesized({ name, region, subnetMetrics }: Cluster): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'page-'));
  try {
    const stack = new Stack(new App({ outdir }), 'Page', { env: { account: ACCOUNT, region } });
    const arn = `arn:aws:lambda:${region}:${ACCOUNT}:function:${FUNCTION_NAME}`;
    const props = {
      clusterId: name,
      function: LambdaFunction.fromFunctionArn(stack, 'Function', arn),
      timeoutSeconds: 45,
      intervalMinutes: 1,
      subnetMetrics,
      hasPods: true,
      runbookUrl: RUNBOOK,
    };
    const { alarms } = new CniAlarms(stack, 'Alarms', props);
    new CniDashboard(stack, 'Dashboard', {
      ...props,
      // A name of a kubeconfig, such as an ARN, can have characters that a dashboard's name cannot.
      clusterName: name.replaceAll(/[^\w-]/g, '-'),
      logGroup: LogGroup.fromLogGroupName(stack, 'Log', `/aws/lambda/${FUNCTION_NAME}`),
      alarms,
    });
    return Template.fromStack(stack);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Name and body of the only dashboard of a template. */
export function dashboardOf(template: Template, region: string): Pick<Deployment, 'name' | 'dashboard'> {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  if (!dashboard) throw new Error('The template has no dashboard');
  const { DashboardName, DashboardBody } = dashboard.Properties;
  const names = { region, alarmNames: alarmNamesOf(template) };
  return { name: DashboardName, dashboard: JSON.parse(joined(DashboardBody, names)) };
}

type Token = string | { 'Fn::Join': ['', Token[]] } | { Ref: string } | { 'Fn::GetAtt': [string, string] };

interface Names {
  readonly region: string;
  /** By logical id. */
  readonly alarmNames: ReadonlyMap<string, string>;
}

/** What CloudFormation makes of the body. */
function joined(token: Token, names: Names): string {
  if (typeof token === 'string') return token;
  if ('Fn::Join' in token) return token['Fn::Join'][1].map((part) => joined(part, names)).join('');
  if ('Fn::GetAtt' in token)
    return alarmArn(names, names.alarmNames.get(token['Fn::GetAtt'][0]) ?? 'unknown');
  if (token.Ref === 'AWS::Region') return names.region;
  throw new Error(`The dashboard refers to ${token.Ref}`);
}

const alarmArn = ({ region }: Names, name: string) => `arn:aws:cloudwatch:${region}:${ACCOUNT}:alarm:${name}`;
