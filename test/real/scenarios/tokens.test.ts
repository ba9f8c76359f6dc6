import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { READER_GROUP } from '../../../lambda/contract.ts';
import { verifyToken } from '../../../local/api-server/token-verifier.ts';
import { reviewToken, startAuthenticator } from '../authenticator.ts';
import type { Program } from '../program.ts';
import { describeReal } from '../suite.ts';
import { PARTITIONS } from '../tokens/partitions.ts';
import { keysOf, rowsOf } from '../tokens/token-rows.ts';

const PORT = 21_400;

describeReal('a token before the real authenticator and before the embedded verifier', (cluster) => {
  describe.each(PARTITIONS)('in $id', (partition) => {
    const { id, region } = partition;
    const keys = keysOf(partition);
    let authenticator: Program;
    beforeAll(async () => {
      const { sts, parts, folder, clusterName } = cluster();
      for (const key of Object.values(keys)) sts.principals.set(key.accessKeyId, key);
      authenticator = await startAuthenticator({
        file: parts['aws-iam-authenticator'],
        folder: join(folder, `authenticator-${id}`),
        clusterName,
        partition: id,
        mapRoles: [
          {
            roleARN: `arn:${id}:iam::111122223333:role/eks-cni-metrics`,
            username: '{{SessionName}}',
            groups: [READER_GROUP],
          },
        ],
        port: PORT,
        proxy: sts.proxy,
        caFile: join(folder, 'ca.crt'),
      });
    });
    afterAll(() => authenticator?.stop());

    test.each(rowsOf(partition))('$name: accepted: $accepted', async ({ token: make, accepted }) => {
      const { clusterName, sts } = cluster();
      const token = await make({ clusterName, region, keys });
      const user = await reviewToken(PORT, token);
      const verdict = verifyToken(token, {
        clusterName,
        region,
        now: Date.now(),
        secretFor: (accessKeyId) => sts.principals.get(accessKeyId),
      });
      expect({ user, verifier: verdict.ok }).toEqual({
        user: accepted ? expect.objectContaining({ username: 'local', groups: [READER_GROUP] }) : undefined,
        verifier: accepted,
      });
    });
  });
});
