import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { SCRAPE_WAYS } from '../../../lambda/contract.ts';
import { startRealFunction } from '../function.ts';
import { createPod } from '../pods.ts';
import { describeReal } from '../suite.ts';
import { FUNCTIONS } from '../ways.ts';

const NODE = 'node-1';
const MIRRORED = { 'kubernetes.io/config.mirror': 'x' };

describeReal('pods that a node creates itself', (cluster) => {
  let uid = '';

  /** Creates a pod as the node, with the label of aws-node. @throws Error with the API server's refusal */
  async function createAsNode(name: string, annotations: object, spec: object) {
    const owner = { apiVersion: 'v1', kind: 'Node', name: NODE, uid, controller: true };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'kube-system',
        labels: { 'k8s-app': 'aws-node' },
        annotations,
        ownerReferences: [owner],
      },
      spec: { nodeName: NODE, containers: [{ name: 'x', image: 'none' }], ...spec },
    };
    const file = join(cluster().folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(pod));
    await cluster().kubectl('create', `--as=system:node:${NODE}`, '--as-group=system:nodes', '-f', file);
  }

  beforeAll(async () => {
    const { admin, ipamd } = cluster();
    const { text } = await admin.send('POST', '/api/v1/nodes', { metadata: { name: NODE } });
    uid = JSON.parse(text).metadata.uid;
    await ipamd.set({ '10.77.0.1': { values: { awscni_assigned_ip_addresses: 3 } } });
    await createPod(admin, { name: 'aws-node-abcde', ip: '10.77.0.1', node: NODE });
  });

  test('are mirror pods without a service account', async () => {
    await expect(createAsNode('plain', {}, {})).rejects.toThrow('can only create mirror pods');
    await expect(createAsNode('other', MIRRORED, { serviceAccountName: 'aws-node' })).rejects.toThrow(
      'can not create pods that reference serviceaccounts',
    );
  });

  test.each(SCRAPE_WAYS)('are not in the list of the function, which reads via %s', async (via) => {
    const name = `mirror-${via}`;
    await createAsNode(name, MIRRORED, { hostNetwork: true });
    const status = { phase: 'Running', reason: 'x'.repeat(1_000_000), podIP: '10.77.0.1' };
    await cluster().admin.send(
      'PATCH',
      `/api/v1/namespaces/kube-system/pods/${name}/status`,
      { status },
      'application/merge-patch+json',
    );
    await using lambda = await startRealFunction(cluster(), FUNCTIONS[via]);
    const { pods, warnings } = await lambda.cycle();
    expect([pods.found, pods.read, pods.ignored]).toEqual([1, 1, undefined]);
    expect(warnings.map(({ code }) => code)).not.toContain('pods-share-node');
  });
});
