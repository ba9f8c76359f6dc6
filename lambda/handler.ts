import { randomUUID } from 'node:crypto';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { apiClient } from './adapters/api-server/client.ts';
import { clusterReader } from './adapters/api-server/cluster-reader.ts';
import { describedCluster } from './adapters/api-server/described-cluster.ts';
import { CLIENT_LIMITS, SHORT_CALLS_MS } from './adapters/aws/client-limits.ts';
import { cloudWatchSink } from './adapters/aws/cloudwatch.ts';
import { type ClusterId, ec2TagClusterId } from './adapters/aws/cluster-id.ts';
import { type EksCluster, eksCluster } from './adapters/aws/eks-cluster.ts';
import { eksToken } from './adapters/aws/eks-token.ts';
import { ec2Interfaces } from './adapters/aws/interfaces.ts';
import { s3Object } from './adapters/aws/s3-object.ts';
import { clusterSubnets } from './adapters/aws/subnets.ts';
import { nodeMetrics } from './adapters/node/node-metrics.ts';
import { leasedState } from './adapters/state/leased-state.ts';
import { memoryObject } from './adapters/state/memory-object.ts';
import { textStore } from './adapters/state/text-store.ts';
import { SYSTEM_CLOCK } from './adapters/system-clock.ts';
import type { ClusterEndpoint } from './cluster-endpoint.ts';
import type { Collector } from './collect/cycle.ts';
import { holdingsCache } from './collect/holdings-cache.ts';
import { failingWhenWithheld } from './collect/withheld.ts';
import { type Config, parseConfig } from './config.ts';
import { holdingsKey } from './contract.ts';
import { Deadline } from './deadline.ts';
import type { Diagnosable } from './diagnose/diagnose.ts';
import { CollectorError } from './errors.ts';
import { createHandler, type Host } from './invoke.ts';

/**
 * Composes the collector. Clients, connections and state are created once; what is still unknown is looked up
 * again in each invocation.
 */
export function composeCollector(config: Config, { clock }: Host): () => Promise<Collector> {
  const { clusterName, namespace, publish, scrape, state } = config;
  const cloudwatch = new CloudWatchClient(CLIENT_LIMITS);
  let parts: ReturnType<typeof composeParts> | undefined;

  function composeParts(region: string) {
    const credentials = eksToken({
      clusterName,
      region,
      credentials: cloudwatch.config.credentials,
      clock,
    });
    const nodes = composeNodes(config);
    const connect = (endpoint: ClusterEndpoint) => ({
      ...clusterReader(apiClient({ endpoint, credentials, clock }), clock),
      ...nodes,
    });
    const eks = eksCluster({ clusterName, region });
    const object = state ? s3Object({ region, ...state }) : memoryObject("the function's memory");
    return {
      cluster: composeCluster(config, eks, connect),
      state: failingWhenWithheld(leasedState({ object, cluster: clusterName, owner: randomUUID(), clock })),
      clusterIds: ec2TagClusterId({ clusterName, region }),
      ...composeAddresses(config, region, eks),
    };
  }

  return async () => {
    parts ??= composeParts(await regionOf(cloudwatch));
    const { clusterIds, ...rest } = parts;
    const clusterId: ClusterId =
      'value' in config.clusterId
        ? config.clusterId
        : await clusterIds.resolve(Deadline.in(SHORT_CALLS_MS.clusterId, clock));
    return {
      ...rest,
      clusterName,
      clusterId: clusterId.value,
      sink: publish ? cloudWatchSink(cloudwatch, { namespace, clusterId: clusterId.value }) : undefined,
      scrape,
      clock,
      notices: [
        ...(state || config.pods === 'none' ? [] : [STATE_IN_MEMORY]),
        ...(clusterId.warning === undefined
          ? []
          : [{ code: 'cluster-id-fallback' as const, message: clusterId.warning }]),
      ],
    };
  };
}

const STATE_IN_MEMORY = {
  code: 'state-in-memory',
  message: 'STATE_BUCKET is not set: counters start from a new baseline after each cold start',
} as const;

/** What replaces the API server's proxy; undefined: nothing. */
const composeNodes = ({ scrapeVia, nodeCidrs }: Config) =>
  scrapeVia === 'node' ? nodeMetrics(nodeCidrs) : undefined;

/** Connects with the first request. Undefined: the cluster has no aws-node pods. */
function composeCluster(
  { pods, endpoint }: Config,
  eks: EksCluster,
  connect: (endpoint: ClusterEndpoint) => ReturnType<typeof clusterReader>,
): Collector['cluster'] {
  if (pods === 'none') return undefined;
  return endpoint ? connect(endpoint) : describedCluster(eks, connect);
}

/** If EKS is not asked for the endpoint, it is not asked for subnets either. */
const composeSubnets = ({ clusterName, endpoint, subnets }: Config, region: string, eks: EksCluster) =>
  subnets && clusterSubnets({ clusterName, region, ids: subnets.ids, eks: endpoint ? undefined : eks });

/** Subnets, and who holds their addresses; nothing without SUBNET_METRICS. */
function composeAddresses(config: Config, region: string, eks: EksCluster) {
  const subnets = composeSubnets(config, region, eks);
  if (!subnets) return { subnets, holdings: undefined };
  const { clusterName, state } = config;
  const object = state
    ? s3Object({ region, ...state, key: holdingsKey(state.key) })
    : memoryObject("the function's memory");
  const store = textStore(object);
  return { subnets, holdings: holdingsCache({ clusterName, reader: ec2Interfaces(region), subnets, store }) };
}

/** Composes the diagnosis. Its modules are loaded only on demand: a cycle needs few of them. */
export async function composeDiagnosis({ env, clock }: Host): Promise<Diagnosable> {
  const { probeCredentials } = await import('./adapters/probes/credentials.ts');
  const { probes } = await import('./adapters/probes/probes.ts');
  const cloudwatch = new CloudWatchClient(CLIENT_LIMITS);
  // If no region is known, the step `credentials` fails, and every step that needs a region is skipped.
  const region = await cloudwatch.config.region().catch(() => '');
  return {
    config: () => parseConfig(env),
    credentials: (deadline) => probeCredentials(deadline, env.AWS_LAMBDA_FUNCTION_NAME),
    probes: (config) => {
      const { clusterName, publish, namespace, state } = config;
      const eks = eksCluster({ clusterName, region });
      const { credentials } = cloudwatch.config;
      return probes({
        clusterName,
        region,
        credentials: eksToken({ clusterName, region, credentials, clock }),
        publishing: publish ? { client: cloudwatch, namespace } : undefined,
        state: state && { ...state, object: s3Object({ region, ...state }) },
        ...composeAddresses(config, region, eks),
        scrapeVia: config.scrapeVia,
        nodes: composeNodes(config),
        clusterIds: 'value' in config.clusterId ? undefined : ec2TagClusterId({ clusterName, region }),
        clock,
      });
    },
    clock,
  };
}

async function regionOf(client: CloudWatchClient): Promise<string> {
  try {
    return await client.config.region();
  } catch (cause) {
    throw new CollectorError('config-invalid', 'no AWS region is known', {
      remedy: "Set AWS_REGION to the cluster's region (Lambda sets it by itself).",
      cause,
    });
  }
}

/** The Lambda function. */
export const handler = createHandler(
  {
    env: process.env,
    clock: SYSTEM_CLOCK,
    write: (line) => process.stdout.write(line),
  },
  composeCollector,
  composeDiagnosis,
);
