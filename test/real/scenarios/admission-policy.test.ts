import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
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
  /** Status of a request by a member of a group; the path is sent as it is written, dots included. */
  async function statusOf(
    path: string,
    group: string = READER_GROUP,
    { method = 'GET', more = {} }: { method?: string; more?: OutgoingHttpHeaders } = {},
  ): Promise<number | undefined> {
    const { endpoint, ca } = cluster();
    const { hostname, port } = new URL(endpoint);
    const headers = {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      'impersonate-user': 'somebody',
      'impersonate-group': [group, 'system:authenticated'],
      ...more,
    };
    const call = request({ hostname, port, method, path, ca, headers });
    const [response] = await once(call.end(), 'response');
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
    `${AWS_NODE}/metrics%00`,
    `${AWS_NODE}/metrics%0a`,
    `${AWS_NODE}/metrics%3fx`,
    `${AWS_NODE}/metrics;x`,
    `${AWS_NODE}/metrics%252f..%252fdebug`,
    `${AWS_NODE}/debug/../metrics`,
    `${AWS_NODE}/x/%2e%2e/metrics`,
    `${PODS}/aws-node-abcde:61678%0a/proxy/metrics`,
    `${PODS}/aws-node-abcde:10250%0aaws-node-abcde:61678/proxy/metrics`,
    `${PODS}/aws-node-abcde:metrics/proxy/metrics`,
    `${PODS}/aws-node-abcde:061678/proxy/metrics`,
    `${PODS}/:aws-node-abcde:61678/proxy/metrics`,
    `${PODS}/aws-node-[::1]:61678/proxy/metrics`,
    `${PODS}/coredns-abcde%2faws-node-abcde:61678/proxy/metrics`,
    `${PODS}/coredns-abcde/../aws-node-abcde:61678/proxy/metrics`,
    `/api/v1/namespaces/kube-system%2fpods%2fcoredns-abcde:61678/proxy/metrics`,
    `/api/v1/namespaces/default/pods/aws-node-abcde:61678/proxy/metrics`,
    `/api/v1/namespaces/kube-system/services/aws-node-abcde:61678/proxy/metrics`,
    `/api/v1/nodes/node-1:61678/proxy/metrics`,
    `${PODS}/aws-node-abcde/exec?command=id`,
    `${PODS}/aws-node-abcde/portforward?ports=61678`,
  ])('refuses %s', async (path) => {
    expect(await statusOf(path)).toBe(403);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])(
    'refuses %s of /metrics',
    async (method) => {
      expect(await statusOf(`${AWS_NODE}/metrics`, READER_GROUP, { method })).toBe(403);
    },
  );

  test('an upgrade to another protocol goes no further than a GET', async () => {
    const more = { connection: 'Upgrade', upgrade: 'websocket' };
    expect(await statusOf(`${AWS_NODE}/debug`, READER_GROUP, { more })).toBe(403);
    // ipamd answers without the upgrade, and the API server passes on nothing else of the connection.
    expect(await statusOf(`${AWS_NODE}/metrics`, READER_GROUP, { more })).toBe(500);
  });

  test('does not concern others', async () => {
    expect(await statusOf(`${PODS}/coredns-abcde:61678/proxy/metrics`, 'system:masters')).toBe(200);
  });
});
