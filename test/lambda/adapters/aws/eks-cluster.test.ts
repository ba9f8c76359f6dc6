import { expect, test, vi } from 'vitest';
import { eksCluster } from '../../../../lambda/adapters/aws/eks-cluster.ts';
import { eksFor } from '../../../support/aws-services.ts';
import { deadlineIn } from '../../../support/deadline.ts';

const CA = '-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n';
const blue = () => eksCluster({ clusterName: 'blue', region: 'eu-central-1' });

const described = (changes = {}) => ({
  name: 'blue',
  status: 'ACTIVE',
  endpoint: 'https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com',
  certificateAuthority: { data: Buffer.from(CA).toString('base64') },
  resourcesVpcConfig: { vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'] },
  ...changes,
});

test('asks EKS for endpoint and CA once, until it must forget them', async () => {
  let reached = 0;
  const { requests } = await eksFor(() => {
    reached += 1;
    return described({ endpoint: `https://api-${reached}.example` });
  });
  const cluster = blue();
  const [first, second] = await Promise.all([cluster.describe(deadlineIn()), cluster.describe(deadlineIn())]);
  expect(first).toEqual({
    endpoint: { url: new URL('https://api-1.example'), ca: CA },
    vpcId: 'vpc-1',
    subnetIds: ['subnet-1', 'subnet-2'],
  });
  expect(second).toBe(first);
  expect(await cluster.describe(deadlineIn())).toBe(first);
  cluster.forget();
  expect((await cluster.describe(deadlineIn())).endpoint.url.href).toBe('https://api-2.example/');
  expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /clusters/blue',
    'GET /clusters/blue',
  ]);
});

test('a failure is not kept', async () => {
  const { faults } = await eksFor(described);
  faults.always = { status: 403, code: 'AccessDeniedException', message: 'denied' };
  const cluster = blue();
  await expect(cluster.describe(deadlineIn())).rejects.toMatchObject({ code: 'describe-cluster-failed' });
  faults.always = undefined;
  expect((await cluster.describe(deadlineIn())).endpoint.ca).toBe(CA);
});

test.each([
  {
    fault: {
      status: 403,
      code: 'AccessDeniedException',
      message: 'User: x is not authorized to perform: eks:DescribeCluster',
    },
    says: 'cluster blue in eu-central-1: AccessDeniedException: User: x is not authorized to perform: eks:DescribeCluster',
    remedy: /^Allow eks:DescribeCluster on the cluster's ARN/,
  },
  {
    fault: { status: 404, code: 'ResourceNotFoundException', message: 'No cluster found for name: blue.' },
    says: 'cluster blue in eu-central-1: ResourceNotFoundException: No cluster found for name: blue.',
    remedy: /^Check CLUSTER_NAME, and that the function runs in the account and region/,
  },
  {
    fault: { status: 500, code: 'ServerException', message: 'internal' },
    says: 'ServerException: internal',
    remedy: /^Allow eks:DescribeCluster and provide a network path to the EKS API/,
  },
  {
    fault: undefined,
    says: 'cluster blue in eu-central-1 has no endpoint or CA, its status is CREATING',
    remedy: /^Wait until it is ACTIVE/,
  },
])(
  '$fault.code or a cluster that is created: the error names it and what to do',
  async ({ fault, says, remedy }) => {
    const { faults } = await eksFor(() =>
      described({ status: 'CREATING', endpoint: undefined, certificateAuthority: undefined }),
    );
    faults.always = fault;
    await expect(blue().describe(deadlineIn())).rejects.toMatchObject({
      name: 'CollectorError',
      code: 'describe-cluster-failed',
      message: expect.stringContaining(says),
      remedy: expect.stringMatching(remedy),
    });
  },
);

test('no answer ends at the deadline and names the way to EKS', async () => {
  const { faults } = await eksFor(described);
  faults.always = 'hang';
  await expect(blue().describe(deadlineIn(50))).rejects.toMatchObject({
    code: 'describe-cluster-failed',
    remedy: expect.stringMatching(
      /^Give the function a network path to the EKS API \(interface endpoint eks or NAT\)/,
    ),
  });
});

test('an endpoint where nothing listens names the way to EKS', async () => {
  await eksFor(described);
  vi.stubEnv('AWS_ENDPOINT_URL_EKS', 'http://127.0.0.1:1');
  await expect(blue().describe(deadlineIn())).rejects.toMatchObject({
    code: 'describe-cluster-failed',
    message: expect.stringContaining('ECONNREFUSED'),
    remedy: expect.stringMatching(/^Give the function a network path to the EKS API/),
  });
});

test('missing credentials are named as such', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
  await expect(blue().describe(deadlineIn())).rejects.toMatchObject({ code: 'credentials-missing' });
});
