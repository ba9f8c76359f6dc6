import { execFileSync } from 'node:child_process';
import { Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, test } from 'vitest';
import { CniMetrics } from '../../infra/cni-metrics.ts';
import type { AddressReport } from '../../lambda/collect/address-report.ts';
import type { Report } from '../../lambda/collect/report.ts';
import {
  checkedApp,
  checkedTemplate,
  EXAMPLE,
  INLINE_CODE,
  outputsOf,
  templateOf,
} from '../support/stack-template.ts';

const INVOKE =
  'aws lambda invoke --region eu-central-1 --function-name <Function> --cli-binary-format raw-in-base64-out --payload';

test('are those of the stack, by short names', () => {
  expect(outputsOf(templateOf())).toEqual({
    RoleArn: expect.objectContaining({ value: '<FunctionRole.Arn>' }),
    Dashboard: expect.objectContaining({
      value:
        'https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/<Dashboard>',
    }),
    Kubectl: expect.objectContaining({ value: 'kubectl apply -f infra/rbac.yaml' }),
    Invoke: expect.objectContaining({
      value: expect.stringContaining(`${INVOKE} '{"dryRun":true}' /dev/stdout | jq -r '`),
    }),
    Diagnose: expect.objectContaining({
      value: expect.stringContaining(`${INVOKE} '{"diagnose":true}' /dev/stdout | jq -r '`),
    }),
    StateBucket: expect.objectContaining({ value: '<State>' }),
  });
});

test('come with the construct too, under its name', () => {
  const stack = new Stack(checkedApp(), 'Own', {
    env: { account: EXAMPLE.account, region: EXAMPLE.region },
  });
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: EXAMPLE.vpcId,
    availabilityZones: ['eu-central-1a'],
    privateSubnetIds: ['subnet-0123456789abcdef0'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
  });
  const metrics = new CniMetrics(stack, 'Cni', {
    vpc,
    subnets: vpc.privateSubnets,
    cluster: EXAMPLE.cluster,
    alarms: EXAMPLE.alarms,
    code: INLINE_CODE,
  });
  expect(metrics.outputs.map(({ node }) => node.id)).toEqual([
    'RoleArn',
    'Kubectl',
    'Dashboard',
    'Invoke',
    'Diagnose',
    'StateBucket',
  ]);
  expect(Object.keys(outputsOf(checkedTemplate(stack)))).toContainEqual(
    expect.stringMatching(/^CniOutputsInvoke/),
  );
});

test.each([
  ['cn-north-1', 'https://console.amazonaws.cn/'],
  ['us-gov-west-1', 'https://console.amazonaws-us-gov.com/'],
  ['eusc-de-east-1', 'https://console.amazonaws-eusc.eu/'],
  ['us-iso-east-1', 'CloudWatch dashboard <Dashboard>'],
])('the dashboard of %s is in the console of its partition', (region, console) => {
  expect(outputsOf(templateOf({ region, alarms: false })).Dashboard?.value).toContain(console);
});

/** What the jq program of an output prints for the answer of the function and the status that the AWS CLI adds. */
function shown(output: 'Invoke' | 'Diagnose', answer: object): string {
  const command = String(outputsOf(templateOf())[output]?.value);
  const [, program = ''] = /\| jq -r '(.*)'$/.exec(command) ?? [];
  const printed = `${JSON.stringify(answer)}{\n    "StatusCode": 200,\n    "ExecutedVersion": "$LATEST"\n}\n`;
  return execFileSync('jq', ['-r', program], { input: printed, encoding: 'utf8' });
}

describe('the answers are printed as text', () => {
  test('a report', () => {
    const report: Pick<Report, 'cluster' | 'time' | 'warnings' | 'metrics'> & { pods: object } = {
      cluster: 'production',
      time: '2026-11-28T12:00:00.000Z',
      pods: {
        found: 25,
        read: 24,
        failures: [{ code: 'port-refused', count: 1, remedy: 'Remove DISABLE_METRICS.' }],
      },
      metrics: [
        { name: 'assignIPAddresses', unit: 'Count', value: 0 },
        { name: 'subnetAvailableIPs', unit: 'Count', value: 12, dimensions: { SUBNET_ID: 'subnet-1' } },
        {
          name: 'awsAPILatency',
          unit: 'Milliseconds',
          statistics: { sampleCount: 2, sum: 6, minimum: 1, maximum: 5 },
        },
        { name: 'nodeIPUtilization', unit: 'Percent', values: [1], counts: [2] },
      ],
      warnings: [{ code: 'state-in-memory', message: 'STATE_BUCKET is not set' }],
    };
    expect(shown('Invoke', report)).toBe(`production at 2026-11-28T12:00:00.000Z: 24 of 25 pods read
1 not read, port-refused: Remove DISABLE_METRICS.
warning state-in-memory: STATE_BUCKET is not set
assignIPAddresses  0
subnetAvailableIPs subnet-1 12
awsAPILatency  {"sampleCount":2,"sum":6,"minimum":1,"maximum":5}
nodeIPUtilization  distribution
`);
  });

  test('a diagnosis', () => {
    const steps = [
      { name: 'dns', status: 'ok', ms: 3, seen: '10.0.0.1' },
      {
        name: 'tcp',
        status: 'failed',
        ms: 3,
        seen: 'no answer',
        cause: 'tcp-dropped: lost',
        remedy: 'Allow it.',
      },
      { name: 'tls', status: 'skipped', ms: 0, seen: 'needs tcp' },
    ];
    const addresses: AddressReport = {
      time: '2026-11-28T12:00:00.000Z',
      ageMinutes: 0,
      subnets: [
        {
          subnet: 'subnet-1',
          cidr: '10.0.0.0/24',
          nodes: 90,
          prefixes: 5,
          clusters: { green: 12 },
          others: {},
          leaked: 3,
          free: 146,
          freePrefixes: 4,
          reservedFreePrefixes: 1,
        },
      ],
      unknown: [{ subnet: 'subnet-2', why: 'shared' }],
    };
    expect(shown('Diagnose', { healthy: false, steps, addresses })).toBe(`ok dns: 10.0.0.1
failed tcp: no answer
  cause: tcp-dropped: lost
  remedy: Allow it.
skipped tls: needs tcp
subnet-1 10.0.0.0/24: nodes 90, clusters {"green":12}, others {}, leaked 3, free 146, free /28 blocks 4 and 1 reserved
subnet-2: not known, shared
`);
    expect(shown('Diagnose', { healthy: true, steps: [] })).toBe('');
  });

  test.each(['Invoke', 'Diagnose'] as const)('an error of %s', (output) => {
    expect(shown(output, { errorType: 'CollectorError', errorMessage: 'no-pods: none', trace: ['x'] })).toBe(
      'CollectorError: no-pods: none\n',
    );
  });
});
