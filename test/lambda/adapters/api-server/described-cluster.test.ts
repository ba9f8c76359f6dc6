import { expect, test } from 'vitest';
import { describedCluster } from '../../../../lambda/adapters/api-server/described-cluster.ts';
import { parseMetrics } from '../../../../lambda/adapters/api-server/parse-metrics.ts';
import type { ClusterAddress } from '../../../../lambda/adapters/aws/eks-cluster.ts';
import type { ErrorCode } from '../../../../lambda/domain/causes.ts';
import { CollectorError } from '../../../../lambda/errors.ts';

const BUDGET_MS = 1_000;
const POD = { name: 'aws-node-a', node: 'node-a' };

/** EKS tells the next address each time it is asked; `broken` addresses fail with their code. */
function cluster(addresses: readonly string[], broken: Readonly<Record<string, ErrorCode>> = {}) {
  const log: string[] = [];
  let asked = 0;
  let known: Promise<ClusterAddress> | undefined;
  const api = describedCluster(
    {
      address: () => {
        known ??= Promise.resolve({
          endpoint: new URL(addresses[Math.min(asked++, addresses.length - 1)] ?? ''),
          ca: 'PEM',
          vpcId: undefined,
          subnetIds: [],
        });
        return known;
      },
      forget: () => {
        log.push('forget');
        known = undefined;
      },
    },
    ({ endpoint: { host } }) => ({
      async listPods() {
        log.push(`list at ${host}`);
        const code = broken[host];
        if (code) throw new CollectorError(code, `${host} is broken`);
        return [POD];
      },
      async readMetrics() {
        log.push(`read at ${host}`);
        return parseMetrics(Buffer.from('awscni_eni_max 4\n'));
      },
      close: () => log.push(`close ${host}`),
    }),
  );
  return { api, log };
}

test('connects once to the address that EKS tells', async () => {
  const { api, log } = cluster(['https://one']);
  await api.listPods(BUDGET_MS);
  await api.readMetrics(POD, BUDGET_MS);
  await api.listPods(BUDGET_MS);
  expect(log).toEqual(['list at one', 'read at one', 'list at one']);
});

test.each(['api-unreachable', 'api-tls'] as const)(
  'asks EKS anew after %s, and goes where the cluster is now',
  async (code) => {
    const { api, log } = cluster(['https://one', 'https://two'], { one: code });
    expect(await api.listPods(BUDGET_MS)).toEqual([POD]);
    await api.readMetrics(POD, BUDGET_MS);
    expect(log).toEqual(['list at one', 'forget', 'close one', 'list at two', 'read at two']);
  },
);

test('fails where the cluster is still at the same address', async () => {
  const { api, log } = cluster(['https://one', 'https://one'], { one: 'api-tls' });
  await expect(api.listPods(BUDGET_MS)).rejects.toMatchObject({ code: 'api-tls' });
  expect(log).toEqual(['list at one', 'forget']);
});

test('does not ask anew because the server refuses', async () => {
  const { api, log } = cluster(['https://one'], { one: 'api-forbidden' });
  await expect(api.listPods(BUDGET_MS)).rejects.toMatchObject({ code: 'api-forbidden' });
  expect(log).toEqual(['list at one']);
});
