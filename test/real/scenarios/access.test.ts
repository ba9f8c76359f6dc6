import { beforeAll, expect, test } from 'vitest';
import { CLUSTER_ACCESS, LISTER_GROUP, READER_GROUP } from '../../../lambda/contract.ts';
import { FunctionError } from '../built-function.ts';
import { LISTER, READER } from '../cluster.ts';
import { type RealFunctionOptions, startRealFunction } from '../function.ts';
import { createReadablePods } from '../readable-pods.ts';
import { allowedActions, isAllowed } from '../rights.ts';
import { describeReal } from '../suite.ts';

const principal = (role: string) => ({
  accessKeyId: `ASIA${role.replaceAll('-', '').toUpperCase()}`,
  secretAccessKey: `secret of ${role}`,
  sessionToken: `session of ${role}`,
  arn: `arn:aws:sts::111122223333:assumed-role/${role}/local`,
  userId: 'AROAOTHER00000000001:local',
});

const UNMAPPED = principal('unmapped');
const WITHOUT_GROUP = principal('without-group');
const UNKNOWN = principal('unknown');

/** As the API server sees the roles, without the groups that every identity is in. */
const SUBJECT = { user: READER.arn, groups: [READER_GROUP] };
const LISTING = { user: LISTER.arn, groups: [LISTER_GROUP] };

describeReal('access to the cluster', (cluster) => {
  beforeAll(async () => {
    const { sts } = cluster();
    for (const known of [UNMAPPED, WITHOUT_GROUP]) sts.principals.set(known.accessKeyId, known);
    await createReadablePods(cluster(), 3);
  });

  /** The code with which a cycle fails, and the steps of a diagnosis that do. */
  async function failureOf(options: RealFunctionOptions): Promise<object> {
    await using lambda = await startRealFunction(cluster(), options);
    const code = await lambda.cycle().then(
      () => 'none',
      (error) => (error instanceof FunctionError ? error.code : String(error)),
    );
    const { steps } = await lambda.diagnose();
    const failed = steps.filter(({ status }) => status === 'failed');
    // All of these look the same to a client, so the remedy names each.
    for (const { name, remedy } of failed)
      if (name === 'authentication')
        expect(remedy).toMatch(/create-access-entry .* CLUSTER_NAME .* get-caller-identity .* authenticator/);
    return { code, failed: failed.map(({ name }) => name) };
  }

  test.each<[string, RealFunctionOptions, object]>([
    ['of the mapped role works', {}, { code: 'none', failed: [] }],
    [
      'of a role that is not mapped',
      { principal: UNMAPPED },
      { code: 'api-unauthorized', failed: ['authentication'] },
    ],
    [
      'with a key that AWS does not know',
      { principal: UNKNOWN },
      { code: 'api-unauthorized', failed: ['authentication'] },
    ],
    [
      'with the name of another cluster',
      { environment: { CLUSTER_NAME: 'other' } },
      { code: 'api-unauthorized', failed: ['authentication'] },
    ],
    [
      'of a role that is mapped without the group',
      { principal: WITHOUT_GROUP },
      { code: 'api-forbidden', failed: ['authorization'] },
    ],
  ])('%s', async (_, options, expected) => {
    expect(await failureOf(options)).toEqual(expected);
  });

  test.each([
    ['list pods', { resources: ['pods/proxy'], verbs: ['get'] }, { code: 'api-forbidden' }],
    ['get pods/proxy', { resources: ['pods'], verbs: ['list'] }, { code: 'no-pods-read' }],
  ])('without the right to %s', async (missing, rule, expected) => {
    const { admin, kubectl } = cluster();
    const role = JSON.parse(
      await kubectl('get', 'role', READER_GROUP, '--namespace=kube-system', '--output=json'),
    );
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/roles/${READER_GROUP}`;
    const [verb = '', resource = ''] = missing.split(' ');
    const [kind = '', subresource] = resource.split('/');
    const action = { verb, resource: kind, ...(subresource && { subresource }), namespace: 'kube-system' };
    const replace = async (rules: object, allowed: boolean) => {
      await admin.send('PATCH', path, { rules }, 'application/merge-patch+json');
      // The API server's own cache of roles follows a little later.
      await expect.poll(() => isAllowed(admin, SUBJECT, action)).toBe(allowed);
    };
    await replace([{ apiGroups: [''], ...rule }], false);
    expect(await failureOf({})).toMatchObject({
      ...expected,
      failed: expect.arrayContaining(['authorization']),
    });
    await replace(role.rules, true);
    expect(await failureOf({})).toEqual({ code: 'none', failed: [] });
  });

  test('without the RoleBinding, a function with a token and an open connection is refused', async () => {
    const { kubectl } = cluster();
    await using lambda = await startRealFunction(cluster());
    await lambda.cycle();
    await kubectl('delete', 'rolebinding', READER_GROUP, '--namespace=kube-system');
    // The API server's own cache of bindings follows a little later.
    await expect.poll(() => lambda.cycle().catch(({ code }) => code)).toBe('api-forbidden');
    await kubectl('apply', `--filename=${CLUSTER_ACCESS['api-server'].manifest}`);
    await expect.poll(() => failureOf({})).toEqual({ code: 'none', failed: [] });
  });

  test.each([
    ['api-server', SUBJECT, ['get pods/proxy in kube-system', 'list pods in kube-system']],
    ['node', LISTING, ['list pods in kube-system']],
  ] as const)('the manifest of %s allows what it must, and nothing else', async (_, subject, actions) => {
    const { asked, allowed } = await allowedActions(cluster().admin, subject);
    expect(allowed).toEqual(actions);
    // Every resource, verb and place.
    expect(asked).toBeGreaterThan(1_000);
  });
});
