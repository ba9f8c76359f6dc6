import { devNull } from 'node:os';
import { READER_GROUP } from '../../lambda/contract.ts';
import { LEAST_RIGHTS } from '../../local/api-server/access.ts';
import { startApiServer } from '../../local/api-server/server.ts';
import { createAuthority } from '../../local/certificates.ts';
import { createFleet, type Fleet, type FleetOptions, REGION } from '../../local/simulation/fleet.ts';
import type { Moto, Session } from './moto.ts';

/** A simulated cluster behind the embedded API server, in an account that moto emulates. */
export interface EmulatedCluster extends AsyncDisposable {
  readonly fleet: Fleet;
  /** The function's, for the session; what tells it about bucket and cluster comes on top. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts it. The function's clock is the machine's, whatever the time of the fleet. */
export async function startEmulatedCluster(
  { endpoint }: Moto,
  clusterName: string,
  session: Session,
  options: FleetOptions,
): Promise<EmulatedCluster> {
  const fleet = createFleet(options);
  const authority = await createAuthority(`${clusterName} cluster`);
  const apiServer = await startApiServer({
    fleet,
    access: {
      clusterName,
      region: REGION,
      keys: new Map([[session.accessKeyId, session]]),
      mapped: true,
      groups: [READER_GROUP],
      rights: new Set(LEAST_RIGHTS),
    },
    certificate: await authority.issue(['127.0.0.1', 'localhost']),
    now: Date.now,
  });
  return {
    fleet,
    environment: {
      CLUSTER_NAME: clusterName,
      CLUSTER_ENDPOINT: apiServer.endpoint,
      CLUSTER_CA: Buffer.from(authority.certificate).toString('base64'),
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken,
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_ENDPOINT_URL: endpoint,
    },
    [Symbol.asyncDispose]: () => apiServer.close(),
  };
}
