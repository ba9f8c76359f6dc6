import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import { defaultStateKey, holdingsKey } from '../../lambda/contract.ts';
import { neighborsOf } from '../real/neighbor-requests.ts';
import { BUCKET, FUNCTION_REQUESTS, objectArn } from '../support/function-requests.ts';
import { FUNCTION_ARN, policiesOf, ROLE_ARN, type StackPolicies } from '../support/stack-policies.ts';
import { EXAMPLE } from '../support/stack-template.ts';

const { account, region, cluster } = EXAMPLE;
const KEY = defaultStateKey(cluster.name);
const BUCKET_ARN = `arn:aws:s3:::${BUCKET}`;
const LOG_GROUP = `arn:aws:logs:${region}:${account}:log-group:function`;
const INTERFACES = `arn:aws:ec2:${region}:${account}:network-interface/*`;
const KEY_ARN = `arn:aws:kms:${region}:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const ADMIN_ARN = `arn:aws:iam::${account}:role/admin`;

const allow = (statement: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Resource: '*', ...statement }],
});
const EVERYTHING = [allow({ Action: '*' })];
/** The default one: IAM decides for the account. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
const KEY_POLICY = allow({ Action: 'kms:*', Principal: { AWS: `arn:aws:iam::${account}:root` } });

interface Request {
  readonly action: string;
  readonly resource: string;
  /** What AWS knows of the request beside what each request of the function has. */
  readonly context?: Readonly<Record<string, string>>;
  /** Somebody else with every right of the account. */
  readonly byAdmin?: true;
  /** Through the stack's VPC endpoint of this service. */
  readonly endpoint?: string;
}

/** The verdict of an independent implementation of IAM's evaluation, conditions included. */
async function verdictOf(policies: StackPolicies, request: Request): Promise<string> {
  const { action, resource, context = {}, byAdmin, endpoint } = request;
  const named = (documents: readonly unknown[]) =>
    documents.map((policy, index) => ({ name: `policy-${index}`, policy }));
  const isOfBucket = resource === BUCKET_ARN || resource.startsWith(`${BUCKET_ARN}/`);
  const answer = await runSimulation(
    {
      request: {
        principal: byAdmin ? ADMIN_ARN : ROLE_ARN,
        action,
        resource: { resource, accountId: account },
        contextVariables: {
          'aws:PrincipalArn': byAdmin ? ADMIN_ARN : ROLE_ARN,
          'aws:SecureTransport': 'true',
          's3:TlsVersion': '1.3',
          ...(!byAdmin && { 'lambda:SourceFunctionArn': FUNCTION_ARN }),
          ...context,
        },
      },
      identityPolicies: named(byAdmin ? EVERYTHING : policies.role),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(isOfBucket && { resourcePolicy: policies.bucket }),
      ...(action.startsWith('kms:') && { resourcePolicy: KEY_POLICY }),
      ...(endpoint && { vpcEndpointPolicies: named([policies.endpoints[endpoint]]) }),
    },
    {},
  );
  if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors));
  return answer.overallResult;
}

/** What CloudWatch tells IAM of a request to publish. */
const inNamespace = (namespace: string) => ({ 'cloudwatch:namespace': namespace });

function requestOf(line: string): Request {
  const [action = '', resource = ''] = line.replace('<time>', '2026-01-01T00:00:00.000Z').split(' ');
  return {
    action,
    resource,
    ...(action === 'cloudwatch:PutMetricData' && { context: inNamespace('Kubernetes') }),
  };
}

const ROLES: ReadonlyArray<readonly [string, StackPolicies, readonly string[]]> = Object.entries(
  FUNCTION_REQUESTS,
).map(([name, { changes, requests }]) => [name, policiesOf(changes, BUCKET), requests]);

describe.each(ROLES)('a function with %s', (_, policies, requests) => {
  // AWS allows this to everybody: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  const judged = requests.filter((line) => line !== 'sts:GetCallerIdentity *').map(requestOf);
  const byOthers: readonly Request[] = [
    // Lambda writes the log.
    { action: 'logs:PutLogEvents', resource: `${LOG_GROUP}:log-stream:a` },
    // S3 asks this inside GetObject, where there is no object.
    { action: 's3:ListBucket', resource: BUCKET_ARN },
    { action: 's3:ListBucket', resource: BUCKET_ARN, context: { 's3:prefix': KEY } },
    // Lambda places the function in the VPC.
    {
      action: 'ec2:CreateNetworkInterface',
      resource: INTERFACES,
      context: { 'lambda:SourceFunctionArn': '' },
    },
  ];
  test.each([...judged, ...byOthers])('may make $action on $resource', async (request) => {
    expect(await verdictOf(policies, request)).toBe('Allowed');
  });

  const neighbors: readonly Request[] = [
    ...neighborsOf({
      cluster: cluster.name,
      otherCluster: 'other',
      bucket: BUCKET,
      otherBucket: 'other-bucket',
    }),
    { action: 'cloudwatch:PutMetricData', resource: '*', context: inNamespace('AWS/EC2') },
    { action: 'cloudwatch:PutMetricData', resource: '*' },
    { action: 's3:ListBucket', resource: BUCKET_ARN, context: { 's3:prefix': '' } },
    { action: 's3:ListBucket', resource: BUCKET_ARN, context: { 's3:prefix': 'cni-metrics/other' } },
    { action: 's3:GetObject', resource: objectArn(KEY), context: { 'aws:SecureTransport': 'false' } },
    { action: 's3:PutObject', resource: objectArn(KEY), context: { 's3:TlsVersion': '1.1' } },
    { action: 's3:GetObjectVersion', resource: objectArn(KEY) },
    { action: 'logs:PutLogEvents', resource: `${LOG_GROUP}-of-another:log-stream:a` },
    { action: 'logs:GetLogEvents', resource: `${LOG_GROUP}:log-stream:a` },
    { action: 'ec2:CreateNetworkInterface', resource: INTERFACES },
    { action: 'kms:Decrypt', resource: KEY_ARN },
  ];
  test.each(neighbors)('may not make $action on $resource with $context', async (request) => {
    expect(await verdictOf(policies, request)).toMatch(/Denied$/);
  });
});

describe.each(['kms:Decrypt', 'kms:GenerateDataKey'])('with a key of the customer, %s', (action) => {
  const policies = policiesOf({ kmsKeyArn: KEY_ARN }, BUCKET);
  const via = (service: string) => ({ 'kms:ViaService': `${service}.${region}.amazonaws.com` });

  test('is allowed where S3 asks, for the key of the state', async () => {
    const request = { action, resource: KEY_ARN, context: via('s3') };
    expect(await verdictOf(policies, request)).toBe('Allowed');
    expect(await verdictOf(policies, { ...request, resource: `${KEY_ARN}0` })).toBe('ImplicitlyDenied');
  });

  test.each([{}, via('secretsmanager')])('is denied for what else the key encrypts: %j', async (context) => {
    expect(await verdictOf(policies, { action, resource: KEY_ARN, context })).toBe('ImplicitlyDenied');
  });
});

describe('with every right of the account, somebody else', () => {
  const policies = policiesOf({}, BUCKET);

  test.each([KEY, holdingsKey(KEY), 'anything'])('does not write %s', async (key) => {
    const request = { action: 's3:PutObject', resource: objectArn(key), byAdmin: true } as const;
    expect(await verdictOf(policies, request)).toBe('ExplicitlyDenied');
  });

  test.each(['s3:GetObject', 's3:DeleteObject'])('may still %s', async (action) => {
    expect(await verdictOf(policies, { action, resource: objectArn(KEY), byAdmin: true })).toBe('Allowed');
  });
});

describe('through the VPC endpoints', () => {
  const { changes, requests } = FUNCTION_REQUESTS.everything;
  // CDK creates no endpoint for a service that the function does not call.
  const settings = { SUBNET_METRICS: true };
  const endpoints = ['s3', 'monitoring', 'eks', 'ec2'] as const;
  const policies = policiesOf({ ...changes, settings, endpoints: [...endpoints] }, BUCKET);
  const endpointOf = ({ action }: Request) => action.replace(/:.*/, '').replace('cloudwatch', 'monitoring');
  const own = requests
    .filter((line) => !line.startsWith('sts:') && !line.includes('DescribeInstances'))
    .map(requestOf)
    .map((request) => ({ ...request, endpoint: endpointOf(request) }));

  test.each(own)('the function makes $action on $resource', async (request) => {
    expect(await verdictOf(policies, request)).toBe('Allowed');
  });

  test.each(own)('nobody else makes $action on $resource', async (request) => {
    expect(await verdictOf(policies, { ...request, byAdmin: true })).toMatch(/Denied$/);
  });

  test.each<Request>([
    { action: 's3:PutObject', resource: 'arn:aws:s3:::other-bucket/object', endpoint: 's3' },
    { action: 's3:DeleteObject', resource: objectArn(KEY), endpoint: 's3' },
    { action: 'cloudwatch:GetMetricData', resource: '*', endpoint: 'monitoring' },
    { action: 'eks:ListClusters', resource: '*', endpoint: 'eks' },
    { action: 'ec2:DescribeVpcs', resource: '*', endpoint: 'ec2' },
  ])('a role with every right does not make $action on $resource', async (request) => {
    expect(await verdictOf({ ...policies, role: EVERYTHING }, request)).toMatch(/Denied$/);
  });
});
