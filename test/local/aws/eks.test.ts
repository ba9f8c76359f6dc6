import {
  DescribeClusterCommand,
  EKSClient,
  EKSServiceException,
  ListClustersCommand,
} from '@aws-sdk/client-eks';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { descriptionOf, type EksCluster, startEks } from '../../../local/aws/eks.ts';
import { ACCOUNT, KEY } from '../../support/aws-services.ts';

const cluster: EksCluster = {
  name: 'blue',
  endpoint: 'https://127.0.0.1:1',
  ca: 'PEM',
  status: 'ACTIVE',
  authenticationMode: 'API',
  vpcId: 'vpc-1',
  subnetIds: ['subnet-1'],
  securityGroupId: 'sg-1',
};
const endpoint = await startEks(ACCOUNT, () => descriptionOf(cluster, ACCOUNT.region));
const client = new EKSClient({
  region: ACCOUNT.region,
  credentials: KEY,
  endpoint: endpoint.url,
  maxAttempts: 1,
});
const describe = (name: string) => client.send(new DescribeClusterCommand({ name }));

afterAll(() => endpoint.close());
beforeEach(() => {
  endpoint.faults.always = undefined;
});

test('describes the cluster as it is now', async () => {
  cluster.status = 'UPDATING';
  expect((await describe('blue')).cluster).toMatchObject({
    name: 'blue',
    status: 'UPDATING',
    endpoint: 'https://127.0.0.1:1',
    certificateAuthority: { data: 'UEVN' },
    accessConfig: { authenticationMode: 'API' },
    resourcesVpcConfig: { vpcId: 'vpc-1', subnetIds: ['subnet-1'], clusterSecurityGroupId: 'sg-1' },
  });
});

const DENIED = { status: 403, code: 'AccessDeniedException', message: 'may not eks:DescribeCluster' };

test.each([
  [
    'another cluster',
    () => describe('red'),
    404,
    'ResourceNotFoundException: No cluster found for name: red.',
  ],
  [
    'another operation',
    () => client.send(new ListClustersCommand({})),
    404,
    'UnknownOperationException: GET /clusters is not known',
  ],
  [
    'a missing right',
    () => {
      endpoint.faults.always = DENIED;
      return describe('blue');
    },
    403,
    'AccessDeniedException: may not eks:DescribeCluster',
  ],
])('%s is refused', async (_, work, status, refusal) => {
  const error = await work().catch((reason: unknown) => reason);
  const seen = error instanceof EKSServiceException && [
    error.$metadata.httpStatusCode,
    `${error.name}: ${error.message}`,
  ];
  expect(seen).toEqual([status, refusal]);
});
