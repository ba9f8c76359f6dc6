import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, test, vi } from 'vitest';
import { READER_GROUP } from '../../../lambda/contract.ts';
import { ADMIN_TOKEN } from '../api-server-flags.ts';
import { createPod } from '../pods.ts';
import { describeReal } from '../suite.ts';

const PODS = '/api/v1/namespaces/kube-system/pods';
const AWS_NODE = `${PODS}/aws-node-abcde:61678/proxy`;

describeReal('the admission policy of infra/rbac.yaml', (cluster) => {
  /** Status of a GET by a member of a group; the path is sent as it is written, dots included. */
  async function statusOf(path: string, group = READER_GROUP): Promise<number | undefined> {
    const { endpoint, ca } = cluster();
    const { hostname, port } = new URL(endpoint);
    const headers = {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      'impersonate-user': 'somebody',
      'impersonate-group': [group, 'system:authenticated'],
    };
    const [response] = await once(request({ hostname, port, path, ca, headers }).end(), 'response');
    await text(response);
    return response.statusCode;
  }

  beforeAll(async () => {
    const { admin, ipamd } = cluster();
    await ipamd.set({ '10.77.0.1': { values: {} }, '10.77.0.2': { values: {} } });
    await createPod(admin, { name: 'aws-node-abcde', ip: '10.77.0.1', node: 'node-1' });
    await createPod(admin, { name: 'coredns-abcde', ip: '10.77.0.2', node: 'node-2' });
    // A policy takes effect a moment after it is created.
    await vi.waitFor(async () => expect(await statusOf(`${AWS_NODE}/`)).toBe(403), 10_000);
  });

  test.each([`${AWS_NODE}/metrics`, `${AWS_NODE}/metrics?x=1`, `${AWS_NODE}/%6detrics`, `${PODS}?limit=1`])(
    'permits %s',
    async (path) => {
      expect(await statusOf(path)).toBe(200);
    },
  );

  test.each([
    AWS_NODE,
    `${AWS_NODE}/metrics/`,
    `${AWS_NODE}/metrics/../debug`,
    `${AWS_NODE}/../metrics`,
    `${AWS_NODE}/metrics%2f..%2fdebug`,
    `${AWS_NODE}?path=/metrics`,
    `${PODS}/aws-node-abcde/proxy/metrics`,
    `${PODS}/aws-node-abcde:10250/proxy/metrics`,
    `${PODS}/https:aws-node-abcde:61678/proxy/metrics`,
    `${PODS}/http:aws-node-abcde:61678/proxy/metrics`,
    `${PODS}/coredns-abcde:61678/proxy/metrics`,
  ])('refuses %s', async (path) => {
    expect(await statusOf(path)).toBe(403);
  });

  test('does not concern others', async () => {
    expect(await statusOf(`${PODS}/coredns-abcde:61678/proxy/metrics`, 'system:masters')).toBe(200);
  });
});
