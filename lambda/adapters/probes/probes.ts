import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { Clock, ClusterAsked, SubnetReading, Surroundings } from '../../collect/ports.ts';
import { type Finding, failed, notNeeded, ok } from '../../diagnose/step-result.ts';
import { apiClient } from '../api-server/client.ts';
import { clusterApi } from '../api-server/cluster-api.ts';
import type { Connection } from '../api-server/credentials.ts';
import type { ClusterId } from '../aws/cluster-id.ts';
import type { VersionedObject } from '../state/leased-state.ts';
import { compareClocks } from './clock.ts';
import { describeCluster } from './describe-cluster.ts';
import { resolve } from './dns.ts';
import { authenticate, authorise, idlePods, type Known } from './kubernetes.ts';
import { tryPublishing } from './publishing.ts';
import { tryReadings } from './state.ts';
import { connect } from './tcp.ts';
import { handshake } from './tls.ts';

/** What the steps are taken with: the very clients of a cycle, where a cycle has them. */
export interface Equipment {
  readonly cluster: string;
  readonly region: string;
  readonly credentials: Connection['credentials'];
  /** Undefined: USE_CLOUDWATCH=no. */
  readonly publishing: { readonly client: CloudWatchClient; readonly namespace: string } | undefined;
  /** Undefined: no STATE_BUCKET. */
  readonly state:
    | { readonly object: VersionedObject; readonly bucket: string; readonly key: string }
    | undefined;
  /** Undefined: SUBNET_METRICS is off. */
  readonly readSubnets: ((budgetMs: number) => Promise<SubnetReading>) | undefined;
  /** Undefined: CLUSTER_ID does not come from tags. */
  readonly findClusterId: ((budgetMs: number) => Promise<ClusterId>) | undefined;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

export function surroundings(equipment: Equipment): Surroundings {
  const { cluster, region, credentials, publishing, state, clock, wait } = equipment;
  return {
    describeCluster: (slice) => describeCluster(cluster, region, slice),
    resolve: (server) => resolve(server, cluster),
    connect: (server, resolved, slice) => connect(server, resolved, cluster, slice),
    handshake: (server) => handshake(server, credentials, cluster),
    enter({ endpoint, ca, authenticationMode }, principal): ClusterAsked {
      const connection = { endpoint, ca, credentials };
      const known: Known = { cluster, principal, authenticationMode };
      const client = apiClient(connection);
      return {
        ...clusterApi(client, wait),
        clock: (slice) => compareClocks(client, clock, slice),
        authenticate: (skewMs, slice) => authenticate(connection, known, skewMs, slice),
        authorise: (user, slice) => authorise(connection, known, user, slice),
        idlePods: (slice) => idlePods(connection, slice),
      };
    },
    publish: async (slice) =>
      publishing
        ? tryPublishing(publishing.client, publishing.namespace, slice)
        : notNeeded('USE_CLOUDWATCH=no: nothing is published', undefined),
    readings: async (slice) =>
      state
        ? tryReadings(state.object, { ...state, region }, cluster, slice)
        : notNeeded('STATE_BUCKET is not set: after a cold start counters begin anew', undefined),
    ec2: ({ ms }) => askEc2(equipment, ms),
  };
}

async function askEc2({ readSubnets, findClusterId }: Equipment, ms: number): Promise<Finding> {
  if (!readSubnets && !findClusterId)
    return notNeeded('neither SUBNET_METRICS nor CLUSTER_ID_FROM=ec2-tags is set', undefined);
  const [subnets, id] = await Promise.all([readSubnets?.(ms), findClusterId?.(ms)]);
  if (subnets?.warning !== undefined) return failed('subnets-unavailable', subnets.warning);
  if (id?.warning !== undefined) return failed('cluster-id-fallback', id.warning);
  return ok(
    [
      ...(subnets ? [`${subnets.subnets.length} subnets of the cluster are known`] : []),
      ...(id ? [`CLUSTER_ID is ${id.value}`] : []),
    ].join('; '),
  );
}
