import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { ClusterReader, HoldingsCache, SubnetReader } from '../../collect/ports.ts';
import type { ScrapeWay } from '../../contract.ts';
import type { Clock } from '../../deadline.ts';
import type { ClusterProbes, Probes } from '../../diagnose/ports.ts';
import { notNeeded } from '../../diagnose/step-result.ts';
import { apiClient } from '../api-server/client.ts';
import { clusterReader } from '../api-server/cluster-reader.ts';
import type { Credentials } from '../api-server/credentials.ts';
import type { ClusterIdSource } from '../aws/cluster-id.ts';
import type { VersionedObject } from '../state/versioned-object.ts';
import { compareClocks } from './clock.ts';
import { describeCluster } from './describe-cluster.ts';
import { resolve } from './dns.ts';
import { probeEc2 } from './ec2.ts';
import { type AccessFacts, authenticate, authorize, podsNotRunning } from './kubernetes.ts';
import { probePublishing } from './publishing.ts';
import { probeState } from './state.ts';
import { connect } from './tcp.ts';
import { handshake } from './tls.ts';

/** What the probes use: the clients of a cycle, if a cycle has them. */
interface ProbeOptions {
  readonly clusterName: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Undefined: USE_CLOUDWATCH=no. */
  readonly publishing: { readonly client: CloudWatchClient; readonly namespace: string } | undefined;
  /** Undefined: no STATE_BUCKET. */
  readonly state:
    | { readonly object: VersionedObject; readonly bucket: string; readonly key: string }
    | undefined;
  /** Undefined: SUBNET_METRICS is off. */
  readonly subnets: SubnetReader | undefined;
  /** The same. */
  readonly holdings: HoldingsCache | undefined;
  /** Undefined: CLUSTER_ID does not come from tags. */
  readonly clusterIds: ClusterIdSource | undefined;
  readonly scrapeVia: ScrapeWay;
  /** What replaces the API server's proxy; undefined: nothing. */
  readonly nodes: Pick<ClusterReader, 'readMetrics'> | undefined;
  readonly clock: Clock;
}

export function probes(options: ProbeOptions): Probes {
  const { clusterName, region, credentials, publishing, state, holdings, scrapeVia, nodes, clock } = options;
  return {
    describeCluster: (deadline) => describeCluster(clusterName, region, deadline),
    resolve: (endpoint) => resolve(endpoint, clusterName),
    connect: (endpoint, address, deadline) => connect(endpoint, address, clusterName, deadline),
    handshake: (endpoint) => handshake(endpoint, credentials, clusterName),
    cluster({ endpoint, authenticationMode }, principal): ClusterProbes {
      const access = { endpoint, credentials };
      const known: AccessFacts = { cluster: clusterName, principal, authenticationMode, scrapeVia };
      const client = apiClient({ ...access, clock });
      return {
        ...clusterReader(client, clock),
        ...nodes,
        clock: (deadline) => compareClocks(client, clock, deadline),
        authenticate: (skewMs, deadline) => authenticate(access, known, skewMs, deadline),
        authorize: (user, deadline) => authorize(access, known, user, deadline),
        podsNotRunning: (deadline) => podsNotRunning(access, deadline),
      };
    },
    publishing: async (deadline) =>
      publishing
        ? probePublishing(publishing.client, publishing.namespace, deadline)
        : notNeeded('USE_CLOUDWATCH=no: nothing is published', undefined),
    state: async (deadline) =>
      state
        ? probeState(state.object, { ...state, region }, clusterName, clock.now(), deadline)
        : notNeeded(
            'STATE_BUCKET is not set: counters start from a new baseline after a cold start',
            undefined,
          ),
    ec2: (deadline) => probeEc2(options.subnets, options.clusterIds, deadline),
    holdings,
  };
}
