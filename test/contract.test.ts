import { globSync, readFileSync } from 'node:fs';
import { loadAllYaml } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { Entry } from '../infra/entry.ts';
import { apiClient } from '../lambda/adapters/api-server/client.ts';
import { clusterReader } from '../lambda/adapters/api-server/cluster-reader.ts';
import { SYSTEM_CLOCK } from '../lambda/adapters/system-clock.ts';
import { parseConfig } from '../lambda/config.ts';
import { CLUSTER_ACCESS, METRICS_PORT, POD_NAMESPACE, READER_GROUP, VARIABLES } from '../lambda/contract.ts';
import { parseEvent } from '../lambda/event.ts';
import { LEAST_RIGHTS } from '../local/api-server/access.ts';
import { startTestCluster } from './support/api-server.ts';
import { deadlineIn } from './support/deadline.ts';
import { EXAMPLE, onlyResource, resourcesOf, templateOf } from './support/stack-template.ts';

/** What the stack and the function must agree on, held against both. */

const { endpoint: _, certificateAuthority: __, ...ASKS_EKS } = EXAMPLE.cluster;
const UNWATCHED = { dashboard: false, alarms: false } as const;

/** Entries that between them use every setting, at the ends of what infra accepts. */
const ENTRIES: Record<string, Partial<Entry>> = {
  'as it comes': {},
  'every setting at its least': {
    settings: {
      METRICS_NAMESPACE: 'K',
      AWS_CLUSTER_ID: 'b',
      CLUSTER_ID_FROM: 'cluster-name',
      USE_CLOUDWATCH: true,
      SCRAPE_TIMEOUT_MS: 10,
      SCRAPE_CONCURRENCY: 1,
      STATE_KEY: 'k',
      SUBNET_METRICS: true,
      PODS: 'none',
      SUBNET_IDS: ['subnet-0123abcd'],
      LOG_LEVEL: 'debug',
      SCRAPE_VIA: 'node',
      NODE_CIDRS: ['10.0.0.0/8'],
    },
  },
  'every setting at its most': {
    settings: {
      METRICS_NAMESPACE: `N/ ${'n'.repeat(250)}`,
      AWS_CLUSTER_ID: '~'.repeat(200),
      SCRAPE_TIMEOUT_MS: 5000,
      SCRAPE_CONCURRENCY: 1000,
      STATE_KEY: 'k'.repeat(900),
      SUBNET_METRICS: true,
      SUBNET_IDS: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'],
      LOG_LEVEL: 'error',
    },
    ...UNWATCHED,
  },
  'EKS asked, nothing published': { cluster: ASKS_EKS, settings: { USE_CLOUDWATCH: false }, ...UNWATCHED },
  'the id from tags': { settings: { CLUSTER_ID_FROM: 'ec2-tags' }, ...UNWATCHED },
};

function environmentOf(changes: Partial<Entry>): Record<string, string> {
  const { Variables } = Object(onlyResource(changes, 'AWS::Lambda::Function').Environment);
  return { ...Variables, STATE_BUCKET: 'the-name-that-cloudformation-makes' };
}

describe('environment variables', () => {
  test.each(Object.entries(ENTRIES))('the function accepts those of an entry: %s', (_, changes) => {
    const config = parseConfig(environmentOf(changes));
    const { AWS_CLUSTER_ID, METRICS_NAMESPACE, SUBNET_IDS = [] } = changes.settings ?? {};
    expect(config).toMatchObject({
      clusterName: 'production',
      namespace: METRICS_NAMESPACE ?? 'Kubernetes',
      ...(AWS_CLUSTER_ID && { clusterId: { value: AWS_CLUSTER_ID } }),
      ...(changes.settings?.SUBNET_METRICS && { subnets: { ids: SUBNET_IDS } }),
    });
  });

  test('the stack can set all that the function reads, and sets no other', () => {
    const set = new Set(Object.values(ENTRIES).flatMap((changes) => Object.keys(environmentOf(changes))));
    // Read by Node itself, before the function.
    expect([...set].sort()).toEqual([...VARIABLES, 'NODE_OPTIONS'].sort());
  });
});

test('the function accepts the event of the schedule', () => {
  const { Input } = Object(onlyResource({}, 'AWS::Scheduler::Schedule').Target);
  // As Scheduler fills it in: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
  const event = JSON.parse(
    Input.replace('<aws.scheduler.scheduled-time>', '2026-11-22T14:00:00Z')
      .replace('<aws.scheduler.execution-id>', 'd32c5kddcf5bb8c3')
      .replace('<aws.scheduler.attempt-number>', '1'),
  );
  const now = Date.UTC(2026, 10, 22, 14, 0, 3);
  expect(parseEvent(event, now)).toEqual({
    scheduledTime: Date.UTC(2026, 10, 22, 14),
    dryRun: false,
    diagnose: false,
    verbose: false,
  });
});

/** The rights that each command of the AWS SDK needs. */
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  PutMetricData: ['cloudwatch:PutMetricData'],
  // ListBucket: to be told that there is no object yet.
  GetObject: ['s3:GetObject', 's3:ListBucket'],
  PutObject: ['s3:PutObject'],
  CopyObject: ['s3:GetObject', 's3:PutObject'],
  DescribeCluster: ['eks:DescribeCluster'],
  DescribeSubnets: ['ec2:DescribeSubnets'],
  DescribeNetworkInterfaces: ['ec2:DescribeNetworkInterfaces'],
  GetSubnetCidrReservations: ['ec2:GetSubnetCidrReservations'],
  DescribeInstances: ['ec2:DescribeInstances'],
  // Allowed to everybody: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  GetCallerIdentity: [],
};

test('the function may send exactly the AWS commands that its code sends', () => {
  const sources = globSync('lambda/**/*.ts').map((file) => readFileSync(file, 'utf8'));
  const commands = sources.flatMap((source) =>
    [...source.matchAll(/\bnew (\w+)Command\(|\bpaginate(\w+)\(/g)].map(([, one, all]) => one ?? all ?? ''),
  );
  const template = templateOf({
    cluster: ASKS_EKS,
    settings: { CLUSTER_ID_FROM: 'ec2-tags', SUBNET_METRICS: true },
    ...UNWATCHED,
  });
  const allowed = resourcesOf(template, 'AWS::IAM::Policy')
    .filter(({ Roles }) => String(Roles) === '<FunctionRole>')
    .flatMap(({ PolicyDocument }) => Object(PolicyDocument).Statement)
    // These two are used by Lambda itself.
    .filter(({ Effect, Sid }) => Effect === 'Allow' && !['WriteLogs', 'PlaceInVpc'].includes(Sid))
    .flatMap(({ Action }) => Action);
  expect(commands.length).toBeGreaterThan(5);
  expect(new Set(commands.flatMap((name) => RIGHTS[name] ?? [`a right for ${name}`]))).toEqual(
    new Set(allowed),
  );
});

describe('infra/rbac.yaml', () => {
  const [role, binding, policy, policyBinding] = loadAllYaml(readFileSync('infra/rbac.yaml', 'utf8'));
  const rights: string[] = role.rules.flatMap(
    ({ verbs, resources }: { verbs: string[]; resources: string[] }) =>
      verbs.flatMap((verb) => resources.map((resource) => `${verb} ${resource}`)),
  );

  test('gives the group of the access entry two rights in kube-system', () => {
    expect(rights).toEqual([...LEAST_RIGHTS]);
    expect(role).toMatchObject({ kind: 'Role', metadata: { namespace: 'kube-system' } });
    expect(binding).toMatchObject({
      kind: 'RoleBinding',
      metadata: { namespace: 'kube-system' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: READER_GROUP }],
    });
  });

  test('narrows pods/proxy to what the code reads, for this group alone', () => {
    const { matchConstraints, matchConditions, validations, failurePolicy } = policy.spec;
    expect(matchConstraints.resourceRules).toEqual([
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/proxy'] },
    ]);
    expect(matchConditions).toEqual([
      { name: 'reader', expression: `'${READER_GROUP}' in request.userInfo.groups` },
    ]);
    const [{ expression }] = validations;
    expect(expression).toBe(
      `request.namespace == '${POD_NAMESPACE}' && request.name.matches('^aws-node-[a-z0-9]+:${METRICS_PORT}$') && has(object.path) && object.path == '/metrics'`,
    );
    expect(failurePolicy).toBe('Fail');
    expect(policyBinding.spec).toEqual({ policyName: policy.metadata.name, validationActions: ['Deny'] });
  });

  async function clusterWith(granted: readonly string[]) {
    const { server, access, ca, authorization } = await startTestCluster({ nodes: 3 });
    access.rights.clear();
    for (const right of granted) access.rights.add(right);
    const credentials = {
      kind: 'bearer' as const,
      authorization: async () => authorization,
      renew: async () => authorization,
    };
    const endpoint = { url: new URL(server.endpoint), ca };
    const api = clusterReader(apiClient({ endpoint, credentials, clock: SYSTEM_CLOCK }), SYSTEM_CLOCK);
    onTestFinished(async () => {
      api.close();
      await server.close();
    });
    return api;
  }

  test('is enough for every request the code makes', async () => {
    const api = await clusterWith(rights);
    const pods = await api.listPods(deadlineIn());
    expect(pods).toHaveLength(3);
    for (const pod of pods) {
      const result = await api.readMetrics(pod, deadlineIn());
      expect('latencies' in result && result.latencies.length).toBeGreaterThan(1);
    }
  });

  test('has no right that the code could do without', async () => {
    const blind = await clusterWith(['get pods/proxy']);
    await expect(blind.listPods(deadlineIn())).rejects.toMatchObject({ code: 'api-forbidden' });
    const deaf = await clusterWith(['list pods']);
    const [pod] = await deaf.listPods(deadlineIn());
    await expect(deaf.readMetrics({ name: '', node: '', ...pod }, deadlineIn())).rejects.toMatchObject({
      code: 'scrape-forbidden',
    });
  });
});

test('infra/rbac-node.yaml gives its group one right, to list pods in kube-system', () => {
  const [role, binding, ...more] = loadAllYaml(readFileSync(CLUSTER_ACCESS.node.manifest, 'utf8'));
  expect(more).toEqual([]);
  expect(role).toMatchObject({ kind: 'Role', metadata: { namespace: POD_NAMESPACE } });
  expect(role.rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]);
  expect(binding).toMatchObject({
    kind: 'RoleBinding',
    metadata: { namespace: POD_NAMESPACE },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: CLUSTER_ACCESS.node.group }],
  });
});
