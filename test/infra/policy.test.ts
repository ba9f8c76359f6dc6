import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../infra/entry.ts';
import { EXAMPLE, type Json, resourcesOf, templateOf } from '../support/stack-template.ts';

const VPC_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

const WRITE_LOGS = {
  Sid: 'WriteLogs',
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: '<FunctionLogs.Arn>',
};
const PUBLISH = {
  Sid: 'PublishMetrics',
  Effect: 'Allow',
  Action: 'cloudwatch:PutMetricData',
  Resource: '*',
  Condition: { StringEquals: { 'cloudwatch:namespace': 'Kubernetes' } },
};
const stateWith = (key: string) => [
  { Sid: 'ReadState', Effect: 'Allow', Action: 's3:GetObject', Resource: `<State.Arn>/${key}` },
  {
    Sid: 'WriteState',
    Effect: 'Allow',
    Action: 's3:PutObject',
    Resource: [`<State.Arn>/${key}`, `<State.Arn>/${key}.quarantine-*`],
  },
  {
    Sid: 'TellMissingState',
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: '<State.Arn>',
    Condition: { StringLikeIfExists: { 's3:prefix': `${key}*` } },
  },
];
const STATE = stateWith('cni-metrics/production.json.gz');
const HOLDERS = '<State.Arn>/cni-metrics/production.json.gz.subnets';
/** The same, and the object in which the holders of addresses are kept. */
const STATE_WITH_HOLDERS = STATE.map((statement) =>
  statement.Sid === 'TellMissingState'
    ? statement
    : { ...statement, Resource: [statement.Resource, HOLDERS].flat() },
);
const SUBNET_ACTIONS = [
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:GetSubnetCidrReservations',
];
const PLACE = { Sid: 'PlaceInVpc', Effect: 'Allow', Action: VPC_ACTIONS, Resource: '*' };
const deny = (actions: readonly string[]) => ({
  Sid: 'DenyVpcToCode',
  Effect: 'Deny',
  Action: actions,
  Resource: '*',
  Condition: { ArnEquals: { 'lambda:SourceFunctionArn': '<Function.Arn>' } },
});

/** Statements of the policies attached to a role, by the role's name. */
function statementsOf(template: Template, role: string): Json[] {
  return resourcesOf(template, 'AWS::IAM::Policy')
    .filter(({ Roles }) => String(Roles) === `<${role}>`)
    .flatMap(({ PolicyDocument }) => Object(PolicyDocument).Statement);
}

/** Where the id is known at run time only, or nothing is published, there is nothing to watch. */
const UNWATCHED = { dashboard: false, alarms: false } as const;

const { endpoint: _, certificateAuthority: __, ...ASKS_EKS } = EXAMPLE.cluster;

describe('the rights of the function', () => {
  test.each<[string, Partial<Entry>, unknown[]]>([
    ['by default', {}, [WRITE_LOGS, PUBLISH, ...STATE, PLACE, deny(VPC_ACTIONS)]],
    [
      'with another namespace',
      { settings: { METRICS_NAMESPACE: 'Network/CNI' } },
      [
        WRITE_LOGS,
        { ...PUBLISH, Condition: { StringEquals: { 'cloudwatch:namespace': 'Network/CNI' } } },
        ...STATE,
        PLACE,
        deny(VPC_ACTIONS),
      ],
    ],
    [
      'without publishing',
      { settings: { USE_CLOUDWATCH: false }, ...UNWATCHED },
      [WRITE_LOGS, ...STATE, PLACE, deny(VPC_ACTIONS)],
    ],
    [
      'where EKS tells endpoint and CA',
      { cluster: ASKS_EKS },
      [
        WRITE_LOGS,
        PUBLISH,
        ...STATE,
        {
          Sid: 'DescribeCluster',
          Effect: 'Allow',
          Action: 'eks:DescribeCluster',
          Resource: 'arn:aws:eks:eu-central-1:111122223333:cluster/production',
        },
        PLACE,
        deny(VPC_ACTIONS),
      ],
    ],
    [
      'with the cluster id from tags',
      { settings: { CLUSTER_ID_FROM: 'ec2-tags' }, ...UNWATCHED },
      [
        WRITE_LOGS,
        PUBLISH,
        ...STATE,
        { Sid: 'ReadEc2', Effect: 'Allow', Action: 'ec2:DescribeInstances', Resource: '*' },
        PLACE,
        deny(VPC_ACTIONS),
      ],
    ],
    [
      'with subnet metrics, which are not denied to the code then',
      { settings: { SUBNET_METRICS: true } },
      [
        WRITE_LOGS,
        PUBLISH,
        ...STATE_WITH_HOLDERS,
        { Sid: 'ReadEc2', Effect: 'Allow', Action: SUBNET_ACTIONS, Resource: '*' },
        PLACE,
        deny(VPC_ACTIONS.filter((action) => !SUBNET_ACTIONS.includes(action))),
      ],
    ],
    [
      'with another state key',
      { settings: { STATE_KEY: 'readings/a.gz' } },
      [WRITE_LOGS, PUBLISH, ...stateWith('readings/a.gz'), PLACE, deny(VPC_ACTIONS)],
    ],
  ])('%s', (_, changes, expected) => {
    expect(statementsOf(templateOf(changes), 'FunctionRole')).toEqual(expected);
  });

  test.each([
    ['cn-north-1', 'arn:aws-cn:eks:cn-north-1:111122223333:cluster/production'],
    ['us-gov-west-1', 'arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/production'],
  ])('name resources of the partition of %s', (region, arn) => {
    const statements = statementsOf(templateOf({ region, alarms: false, cluster: ASKS_EKS }), 'FunctionRole');
    expect(statements).toContainEqual(expect.objectContaining({ Sid: 'DescribeCluster', Resource: arn }));
  });

  test('may be used by Lambda alone, under a name that is new whenever the role is', () => {
    const roles = resourcesOf(templateOf(), 'AWS::IAM::Role');
    expect(roles).toContainEqual({
      Description: 'CNI metrics collector',
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      },
    });
  });
});

test('the schedule may call this function and keep what it could not deliver, nothing else', () => {
  expect(statementsOf(templateOf(), 'ScheduleRole')).toEqual([
    { Sid: 'Invoke', Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '<Function.Arn>' },
    {
      Sid: 'KeepUndelivered',
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: '<ScheduleDeadLetters.Arn>',
    },
  ]);
});

test('the schedule role trusts only schedules of this account', () => {
  const roles = resourcesOf(templateOf(), 'AWS::IAM::Role');
  expect(roles).toContainEqual({
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' },
            ArnEquals: {
              'aws:SourceArn': 'arn:aws:scheduler:eu-central-1:111122223333:schedule-group/default',
            },
          },
        },
      ],
    },
  });
});

test.each<[string, Partial<Entry>]>([
  ['by default', {}],
  [
    'with every setting on',
    { settings: { SUBNET_METRICS: true, CLUSTER_ID_FROM: 'ec2-tags' }, ...UNWATCHED },
  ],
])('no action has a wildcard and no role a managed policy or a name, %s', (_, changes) => {
  const template = templateOf(changes);
  const actions = resourcesOf(template, 'AWS::IAM::Policy').flatMap(({ PolicyDocument }) =>
    Object(PolicyDocument).Statement.flatMap((statement: { Action: string }) => statement.Action),
  );
  expect(actions.length).toBeGreaterThan(10);
  expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  for (const role of resourcesOf(template, 'AWS::IAM::Role')) {
    expect(role).not.toHaveProperty('ManagedPolicyArns');
    expect(role).not.toHaveProperty('RoleName');
  }
});
