import { once } from 'node:events';
import { request } from 'node:https';
import { beforeAll, expect, test } from 'vitest';
import { SCRAPE_WAYS } from '../../../lambda/contract.ts';
import { ADMIN_TOKEN } from '../api-server-flags.ts';
import { startRealFunction } from '../function.ts';
import { createPod } from '../pods.ts';
import { describeReal } from '../suite.ts';
import { FUNCTIONS } from '../ways.ts';

const PODS = '/api/v1/namespaces/kube-system/pods';
/** Near the limit of etcd; Go writes six bytes for each character. */
const REASON = '<'.repeat(1_400_000);

describeReal('long reasons that nodes report for their pods', (cluster) => {
  /** Reports the status of a pod as its node. */
  async function report(name: string, node: string, status: object) {
    const { endpoint, ca } = cluster();
    const headers = {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      'impersonate-user': `system:node:${node}`,
      'impersonate-group': 'system:nodes',
      'content-type': 'application/merge-patch+json',
    };
    const call = request(new URL(`${PODS}/${name}/status`, endpoint), { method: 'PATCH', ca, headers });
    const [response] = await once(call.end(JSON.stringify({ status })), 'response');
    response.resume();
    await once(response, 'end');
    expect(response.statusCode).toBe(200);
  }

  beforeAll(async () => {
    const { admin, ipamd } = cluster();
    const names = Array.from({ length: 8 }, (_, index) => `${index}`);
    await ipamd.set(Object.fromEntries(names.map((index) => [`10.77.0.${index}`, { values: {} }])));
    for (const index of names) {
      const [name, node] = [`aws-node-${index}`, `node-${index}`];
      await admin.send('POST', '/api/v1/nodes', { metadata: { name: node } });
      await createPod(admin, { name, ip: `10.77.0.${index}`, node });
      await report(name, node, { reason: REASON });
    }
  }, 60_000);

  test('make the list longer than a page', async () => {
    const { text } = await cluster().admin.send('GET', PODS);
    expect(text.length).toBeGreaterThan(64 * 1024 * 1024);
  });

  test.each(SCRAPE_WAYS)('cost the function that reads via %s no pod', async (via) => {
    await using lambda = await startRealFunction(cluster(), FUNCTIONS[via]);
    const { pods } = await lambda.cycle();
    expect([pods.found, pods.read]).toEqual([8, 8]);
  });
});
