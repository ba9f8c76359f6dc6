import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Diagnosis } from '../../lambda/diagnose/diagnose.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { FAULTS, type FaultName, injectFault } from '../../local/fault-injection/faults.ts';
import { loadFunction, type View } from '../../local/load-function.ts';
import { PATH, SERVICES } from '../support/diagnosis-steps.ts';

const NOW = Date.UTC(2026, 10, 22, 14);
/** Much shorter than the path with every limit used up. */
const TIMEOUT_MS = 20_000;

let cluster: EmbeddedCluster;
beforeEach(async () => {
  vi.stubEnv('AWS_REGION', '');
  // Longer than the function waits for a pod, like the 30 s of an API server.
  const wait = (ms: number, signal: AbortSignal) => setTimeout(ms / 7.5, undefined, { signal });
  cluster = await startEmbeddedCluster({ nodes: 6, seed: 7, now: NOW, wait });
});
afterEach(() => cluster.close());

async function diagnose(view: View, timeoutMs = TIMEOUT_MS) {
  const lines: string[] = [];
  const invoke = await loadFunction(view, (line) => lines.push(line));
  const end = performance.now() + timeoutMs;
  const getRemainingTimeInMillis = () => end - performance.now();
  const diagnosis = await invoke({ diagnose: true }, { getRemainingTimeInMillis });
  expect(getRemainingTimeInMillis(), 'ended in its time').toBeGreaterThan(0);
  expect(lines).toHaveLength(1);
  return diagnosis;
}

const statuses = ({ steps }: Diagnosis, status: string) =>
  steps.filter((step) => step.status === status).map(({ name }) => name);

const between = (from: (typeof PATH)[number], to: (typeof PATH)[number] = 'scrape-all') =>
  PATH.slice(PATH.indexOf(from), PATH.indexOf(to) + 1);

interface Expected {
  /** The step that fails; more where one fault has two faces. */
  step: string | readonly string[];
  /** Of each failing step, where they differ. */
  code: string | readonly string[];
  remedy: string;
  seen: string;
  /** What is not tried because of it. */
  skipped?: readonly string[];
  /** Cuts off a step that would take longer. */
  timeoutMs?: number;
}

const EXPECTED: Record<FaultName, Expected> = {
  configuration: {
    step: 'configuration',
    code: 'config-invalid',
    remedy: 'Correct the variables named.',
    seen: 'SUBNET_IDS is "all of them", but takes subnet ids',
    skipped: [...between('describe-cluster'), ...SERVICES],
  },
  credentials: {
    step: 'credentials',
    code: 'credentials-missing',
    remedy: 'Give the function a role',
    seen: 'Could not load credentials from any providers',
    skipped: [...between('clock'), ...SERVICES],
  },
  'credentials-expired': {
    step: 'credentials',
    code: 'credentials-rejected',
    remedy: 'Deploy the function again with a role that exists',
    seen: 'InvalidClientTokenId',
    skipped: [...between('clock'), ...SERVICES],
  },
  'eks-right': {
    step: 'describe-cluster',
    code: 'eks-denied',
    remedy: 'Allow eks:DescribeCluster on cluster embedded, or set CLUSTER_ENDPOINT and CLUSTER_CA.',
    seen: 'AccessDeniedException: User is not authorized',
    skipped: between('dns'),
  },
  'eks-endpoint': {
    step: 'describe-cluster',
    code: 'eks-unreachable',
    remedy: 'Give the VPC an interface endpoint eks or a NAT gateway',
    seen: 'did not establish a connection with the server',
    skipped: between('dns'),
  },
  'cluster-name': {
    // No subnet has the tag of a cluster that is not there.
    step: ['describe-cluster', 'ec2'],
    code: 'cluster-unknown',
    remedy: 'Set CLUSTER_NAME to a name that aws eks list-clusters --region eu-central-1 prints.',
    seen: 'No cluster found for name: embeded.',
    skipped: [...between('dns'), 'addresses'],
  },
  'cluster-status': {
    step: 'describe-cluster',
    code: 'cluster-inactive',
    remedy: 'Run aws eks wait cluster-active --name embedded.',
    seen: 'embedded is CREATING',
    skipped: between('dns'),
  },
  dns: {
    step: 'dns',
    code: 'dns-unresolved',
    remedy:
      'Run aws eks update-cluster-config --name embedded --resources-vpc-config endpointPrivateAccess=true, and turn on enableDnsSupport and enableDnsHostnames of the VPC.',
    seen: 'getaddrinfo ENOTFOUND',
    skipped: between('tcp'),
  },
  tcp: {
    step: 'tcp',
    code: 'tcp-dropped',
    remedy: "from the function's security group to the cluster security group",
    seen: 'no answer from 127.0.0.1:',
    skipped: between('tls'),
  },
  'tcp-refused': {
    step: 'tcp',
    code: 'tcp-refused',
    remedy: 'Set CLUSTER_ENDPOINT to what aws eks describe-cluster --name embedded',
    seen: 'ECONNREFUSED',
    skipped: between('tls'),
  },
  tls: {
    step: 'tls',
    code: 'api-tls',
    remedy: "Set CLUSTER_CA to the cluster's certificateAuthority.data",
    seen: 'is not trusted',
    skipped: between('clock'),
  },
  'tls-name': {
    step: 'tls',
    code: 'tls-name',
    remedy: 'Set CLUSTER_ENDPOINT to what aws eks describe-cluster --name embedded',
    seen: "does not match certificate's altnames",
    skipped: between('clock'),
  },
  'tls-silent': {
    step: 'tls',
    code: 'tls-silent',
    remedy: 'Check for a firewall',
    seen: 'no TLS handshake',
    skipped: between('clock'),
  },
  clock: {
    step: ['clock', 'authentication'],
    code: 'clock-skewed',
    remedy: 'Correct the clock of this machine (timedatectl set-ntp true)',
    seen: "the API server's clock is 600 s behind ours",
    skipped: between('authorization'),
  },
  'access-entry': {
    step: 'authentication',
    code: 'access-entry-missing',
    remedy:
      'Run aws eks create-access-entry --cluster-name embedded --principal-arn arn:aws:iam::111122223333:role/eks-cni-metrics --kubernetes-groups cni-metrics-reader',
    seen: '401 for arn:aws:sts::111122223333:assumed-role/eks-cni-metrics/local; authentication mode API_AND_CONFIG_MAP',
    skipped: between('authorization'),
  },
  'aws-auth': {
    step: 'authentication',
    code: 'access-config-map',
    remedy:
      'Map arn:aws:iam::111122223333:role/eks-cni-metrics to the group cni-metrics-reader in the ConfigMap aws-auth',
    seen: 'authentication mode CONFIG_MAP',
    skipped: between('authorization'),
  },
  group: {
    step: 'authorization',
    code: 'group-missing',
    remedy: 'Run aws eks update-access-entry --cluster-name embedded --principal-arn arn:aws:iam::',
    seen: 'list pods in kube-system: denied; get pods/proxy in kube-system: denied',
    skipped: between('pods'),
  },
  'right-to-list': {
    step: 'authorization',
    code: 'rbac-missing',
    remedy: 'Run kubectl apply -f infra/rbac.yaml.',
    seen: 'list pods in kube-system: denied; get pods/proxy in kube-system: allowed',
    skipped: between('pods'),
  },
  'right-to-proxy': {
    step: 'authorization',
    code: 'rbac-missing',
    remedy: 'Run kubectl apply -f infra/rbac.yaml.',
    seen: 'list pods in kube-system: allowed; get pods/proxy in kube-system: denied',
    skipped: between('scrape-one'),
  },
  'no-pods': {
    step: 'pods',
    code: 'no-pods',
    remedy:
      'EKS Auto Mode, Fargate-only, hybrid and Windows nodes have no aws-node pods; for such a cluster set PODS=none.',
    seen: 'kube-system has no pod with the label k8s-app=aws-node, running or not',
    skipped: between('scrape-one'),
  },
  'pods-pending': {
    step: 'pods',
    code: 'pods-not-running',
    remedy: 'Run kubectl -n kube-system describe pods -l k8s-app=aws-node and read the events.',
    seen: 'none of 6 aws-node pods is running (aws-node-',
    skipped: between('scrape-one'),
  },
  'metrics-port': {
    step: ['scrape-one', 'scrape-all'],
    code: ['scrape-timeout', 'port-unreachable'],
    remedy: 'Allow tcp/61678 from the cluster security group to the node security group',
    seen: 'no complete answer in time',
  },
  'metrics-port-of-some': {
    step: 'scrape-all',
    code: 'port-unreachable',
    remedy: 'Allow tcp/61678 from the cluster security group to the node security group',
    seen: 'i/o timeout',
  },
  'metrics-disabled': {
    step: ['scrape-one', 'scrape-all'],
    code: 'port-refused',
    remedy: 'Remove DISABLE_METRICS=true from the aws-node DaemonSet',
    seen: 'connection refused',
  },
  'pod-gone': {
    step: 'scrape-all',
    code: 'pod-gone',
    remedy: 'Nothing to do: the next cycle lists the pods again.',
    seen: '5 of 6 pods read; pod-gone on 1 pod (aws-node-',
  },
  'pod-silent': {
    step: 'scrape-all',
    code: 'scrape-timeout',
    remedy: 'check whether the node is overloaded',
    seen: '5 of 6 pods read; scrape-timeout on 1 pod (aws-node-',
    timeoutMs: 8_000,
  },
  'other-answer': {
    step: ['scrape-one', 'scrape-all'],
    code: 'unparsable',
    remedy: 'check that the image of aws-node is the Amazon VPC CNI',
    seen: '<!DOCTYPE html>',
  },
  'cloudwatch-right': {
    step: 'cloudwatch',
    code: 'cloudwatch-denied',
    remedy:
      'Allow cloudwatch:PutMetricData; if the policy has the condition cloudwatch:namespace, it must be Kubernetes.',
    seen: 'not authorized to perform: cloudwatch:PutMetricData',
  },
  'cloudwatch-endpoint': {
    step: 'cloudwatch',
    code: 'cloudwatch-unreachable',
    remedy: 'Add an interface endpoint monitoring or a NAT gateway to the VPC.',
    seen: 'did not establish a connection with the server',
  },
  'state-right': {
    step: 'state',
    code: 'state-denied',
    remedy:
      'Allow s3:GetObject on object cni-metrics/embedded.json.gz of bucket embedded-cni-metrics-state, and s3:ListBucket on the bucket',
    seen: 'AccessDenied',
  },
  'state-endpoint': {
    step: 'state',
    code: 'state-unreachable',
    remedy: 'Add a gateway endpoint s3 to the route tables of the subnets of the function',
    seen: 'did not establish a connection with the server',
  },
  'state-bucket': {
    step: 'state',
    code: 'state-no-bucket',
    remedy: 'Set STATE_BUCKET to a bucket of region eu-central-1',
    seen: 'NoSuchBucket',
  },
  'state-object': {
    step: 'state',
    code: 'state-foreign',
    remedy: 'Set STATE_KEY to a different key for each cluster.',
    seen: 's3://embedded-cni-metrics-state/cni-metrics/embedded.json.gz is not gzip',
  },
  'ec2-right': {
    step: 'ec2',
    code: 'subnets-unavailable',
    remedy: 'Allow ec2:DescribeSubnets',
    seen: 'DescribeSubnets in eu-central-1 failed (UnauthorizedOperation',
    skipped: ['addresses'],
  },
  'ec2-endpoint': {
    step: 'ec2',
    code: 'subnets-unavailable',
    remedy: 'a network path to EC2 (interface endpoint ec2 or NAT), or set SUBNET_METRICS=false.',
    seen: 'no answer from EC2 in eu-central-1 within 4000 ms',
    skipped: ['addresses'],
  },
  'interfaces-right': {
    step: 'addresses',
    code: 'holders-unknown',
    remedy: 'Allow ec2:DescribeNetworkInterfaces and ec2:GetSubnetCidrReservations',
    seen: 'DescribeNetworkInterfaces in eu-central-1 failed (UnauthorizedOperation',
  },
};

test('an intact cluster is healthy; nothing is published and nothing written', async () => {
  const { environment, fleet, cloudwatch, s3 } = cluster;
  const { CLUSTER_ENDPOINT: _, CLUSTER_CA: __, ...asksEks } = environment;
  const diagnosis = await diagnose({ environment: asksEks, fleet });
  expect(statuses(diagnosis, 'ok')).toEqual([...PATH, ...SERVICES]);
  expect(diagnosis.healthy).toBe(true);
  expect(cloudwatch.puts).toEqual([]);
  expect([...s3.objects]).toEqual([]);
});

test('the diagnosis shows who holds the addresses now, and keeps nothing of it', async () => {
  const { addresses, steps } = await diagnose(cluster);
  const [subnet] = cluster.fleet.subnets();
  expect(addresses?.ageMinutes).toBe(0);
  expect(addresses?.subnets.map(({ free, freePrefixes }) => [free, freePrefixes])).toEqual(
    cluster.fleet.subnets().map(({ free, freePrefixes }) => [free(), freePrefixes()]),
  );
  const nodes = addresses?.subnets.reduce((sum, row) => sum + row.nodes, 0) ?? 0;
  const held = cluster.fleet.nodes().map(({ pool }) => 1 + pool.total());
  expect(nodes).toBe(held.reduce((sum, count) => sum + count, 0));
  expect(steps.find(({ name }) => name === 'addresses')?.seen).toMatch(
    new RegExp(
      `^${cluster.fleet.subnets().length} subnets: nodes hold ${nodes} addresses, others 0; 0 are leaked, `,
    ),
  );
  expect(subnet?.id).toBe(addresses?.subnets[0]?.subnet);
  expect([...cluster.s3.objects]).toEqual([]);
});

test('stored state is not changed', async () => {
  const { s3 } = cluster;
  const invoke = await loadFunction(cluster, () => undefined);
  await invoke();
  const before = new Map(s3.objects);
  const { steps } = await diagnose(cluster);
  expect(steps.find(({ name }) => name === 'state')).toMatchObject({
    status: 'ok',
    seen: 's3://embedded-cni-metrics-state/cni-metrics/embedded.json.gz holds state of this cluster (of 2026-11-22T14:00:00.000Z, 6 pods), and may be written',
  });
  expect(s3.objects).toEqual(before);
});

describe('each injected fault fails its step, and the other steps are judged', () => {
  test.each(Object.entries(FAULTS))('%s: $description', async (name) => {
    const link = Object.keys(FAULTS).find((known): known is FaultName => known === name);
    if (link === undefined) throw new Error(`no link ${name}`);
    const broken = await injectFault(cluster, link);
    const diagnosis = await diagnose(broken, EXPECTED[link].timeoutMs).finally(broken.close);
    const { step, code, remedy, seen, skipped = [] } = EXPECTED[link];
    const given = 'CLUSTER_ENDPOINT' in broken.environment && link !== 'configuration';
    const failing = [step].flat();
    expect(diagnosis.healthy).toBe(false);
    expect(statuses(diagnosis, 'failed')).toEqual(failing);
    expect(statuses(diagnosis, 'skipped')).toEqual([
      ...new Set([...(given ? ['describe-cluster'] : []), ...skipped]),
    ]);
    const failed = diagnosis.steps.filter(({ status }) => status === 'failed');
    expect(failed[0]).toMatchObject({
      seen: expect.stringContaining(seen),
      remedy: expect.stringContaining(remedy),
    });
    const codes = failed.map(({ cause }) => cause?.split(':', 1)[0]);
    expect(codes.slice(0, [code].flat().length)).toEqual([code].flat());
    for (const { cause, remedy: told } of failed)
      expect(`${cause} ${told}`).not.toMatch(/<(cluster|role|group|region|bucket|key|namespace|port|right)>/);
  });
});

test('where the cluster does not exist, the remedy for its subnets is about its name', async () => {
  const broken = await injectFault(cluster, 'cluster-name');
  const { steps } = await diagnose(broken).finally(broken.close);
  expect(steps.find(({ name }) => name === 'ec2')?.remedy).toBe(
    'Check CLUSTER_NAME, and set SUBNET_IDS to subnets of this account and region, or SUBNET_METRICS=false.',
  );
});
