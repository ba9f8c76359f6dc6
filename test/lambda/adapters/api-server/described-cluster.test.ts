import { expect, test } from 'vitest';
import { describedCluster } from '../../../../lambda/adapters/api-server/described-cluster.ts';
import { parseMetrics } from '../../../../lambda/adapters/api-server/parse-metrics.ts';
import type { ClusterDescription } from '../../../../lambda/adapters/aws/eks-cluster.ts';
import type { ErrorCode } from '../../../../lambda/domain/causes/errors.ts';
import { CollectorError } from '../../../../lambda/errors.ts';
import { deadlineIn } from '../../../support/deadline.ts';

const POD = { name: 'aws-node-a', node: 'node-a' };

/** EKS returns the next endpoint each time it is asked; `broken` ones fail with their code. */
function cluster(urls: readonly string[], broken: Readonly<Record<string, ErrorCode>> = {}) {
  const log: string[] = [];
  let asked = 0;
  let known: Promise<ClusterDescription> | undefined;
  const api = describedCluster(
    {
      describe: () => {
        known ??= Promise.resolve({
          endpoint: { url: new URL(urls[Math.min(asked++, urls.length - 1)] ?? ''), ca: 'PEM' },
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
    ({ url: { host } }) => ({
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

test('connects once to the endpoint that EKS returns', async () => {
  const { api, log } = cluster(['https://one']);
  await api.listPods(deadlineIn());
  await api.readMetrics(POD, deadlineIn());
  await api.listPods(deadlineIn());
  expect(log).toEqual(['list at one', 'read at one', 'list at one']);
});

test.each(['api-unreachable', 'api-tls'] as const)(
  'asks EKS again after %s, and connects to the new endpoint',
  async (code) => {
    const { api, log } = cluster(['https://one', 'https://two'], { one: code });
    expect(await api.listPods(deadlineIn())).toEqual([POD]);
    await api.readMetrics(POD, deadlineIn());
    expect(log).toEqual(['list at one', 'forget', 'close one', 'list at two', 'read at two']);
  },
);

test('fails if the endpoint is still the same', async () => {
  const { api, log } = cluster(['https://one', 'https://one'], { one: 'api-tls' });
  await expect(api.listPods(deadlineIn())).rejects.toMatchObject({ code: 'api-tls' });
  expect(log).toEqual(['list at one', 'forget']);
});

test('does not ask again because the server denies access', async () => {
  const { api, log } = cluster(['https://one'], { one: 'api-forbidden' });
  await expect(api.listPods(deadlineIn())).rejects.toMatchObject({ code: 'api-forbidden' });
  expect(log).toEqual(['list at one']);
});
