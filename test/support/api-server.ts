import { eksToken } from '../../lambda/adapters/aws/eks-token.ts';
import { READER_GROUP } from '../../lambda/contract.ts';
import { type Access, LEAST_RIGHTS } from '../../local/api-server/access.ts';
import { type ApiServer, startApiServer } from '../../local/api-server/server.ts';
import { createAuthority } from '../../local/certificates.ts';
import { startNodeServers } from '../../local/node-servers.ts';
import { createFleet, type Fleet, REGION } from '../../local/simulation/fleet.ts';
import { ACCOUNT, KEY } from './aws-services.ts';

export interface TestCluster extends AsyncDisposable {
  readonly server: ApiServer;
  readonly fleet: Fleet;
  readonly access: Access;
  /** PEM */
  readonly ca: string;
  /** A good token's header. */
  readonly authorization: string;
}

const NOW = Date.UTC(2026, 10, 22, 14);

/** A simulated fleet behind an API server. @param now its time, epoch milliseconds; it stands still */
export async function startTestCluster({
  nodes = 5,
  ipv6Nodes = 0,
  now = NOW,
  direct = false,
} = {}): Promise<TestCluster> {
  const fleet = createFleet({ nodes, seed: 7, now, ipv6Nodes });
  const authority = await createAuthority('embedded cluster');
  const access: Access = {
    clusterName: 'blue',
    region: REGION,
    keys: new Map(ACCOUNT.keys),
    mapped: true,
    groups: [READER_GROUP],
    rights: new Set(direct ? ['list pods'] : LEAST_RIGHTS),
  };
  const server = await startApiServer({
    fleet,
    access,
    certificate: await authority.issue(['127.0.0.1']),
    now: () => now,
    ...(direct && { startNodes: (faults) => startNodeServers(fleet, faults) }),
  });
  const token = eksToken({
    clusterName: access.clusterName,
    region: access.region,
    credentials: async () => KEY,
    clock: { now: () => now },
  });
  return {
    server,
    fleet,
    access,
    ca: authority.certificate,
    authorization: await token.authorization(),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
