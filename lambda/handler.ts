import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { apiClient } from './adapters/api-server/client.ts';
import { clusterApi } from './adapters/api-server/cluster-api.ts';
import { describedCluster } from './adapters/api-server/described-cluster.ts';
import { CLIENT_LIMITS } from './adapters/aws/client-limits.ts';
import { cloudWatchSink } from './adapters/aws/cloudwatch.ts';
import { type ClusterId, ec2TagClusterId } from './adapters/aws/cluster-id.ts';
import { type ClusterAddress, type EksCluster, eksCluster } from './adapters/aws/eks-cluster.ts';
import { eksToken } from './adapters/aws/eks-token.ts';
import { s3Object } from './adapters/aws/s3-object.ts';
import { ec2Subnets } from './adapters/aws/subnets.ts';
import { claimedReadings } from './adapters/state/leased-state.ts';
import { memoryObject } from './adapters/state/memory-object.ts';
import type { Collector } from './collect/collect.ts';
import type { SubnetReading } from './collect/ports.ts';
import type { Warning } from './collect/report.ts';
import { silentLast } from './collect/unresponsive-last.ts';
import { type Config, parseConfig } from './config.ts';
import type { Diagnosable } from './diagnose/diagnose.ts';
import { subnetMetrics } from './domain/subnets.ts';
import { CollectorError } from './errors.ts';
import { createHandler, type Host } from './invoke.ts';

/**
 * Makes what a collector works with. Clients, connections and readings are made once; what is still unknown is
 * asked again at each invocation.
 */
export function compose(config: Config, { clock, wait }: Host): () => Promise<Collector> {
  const { clusterName } = config;
  const cloudwatch = new CloudWatchClient(CLIENT_LIMITS);
  let parts: ReturnType<typeof makeParts> | undefined;

  function makeParts(region: string) {
    const { credentials } = cloudwatch.config;
    const token = eksToken({ clusterName, region, credentials, clock });
    const connect = ({ endpoint, ca }: Pick<ClusterAddress, 'endpoint' | 'ca'>) =>
      clusterApi(apiClient({ endpoint, ca, credentials: token }), wait);
    const eks = eksCluster({ clusterName, region });
    const object = config.state
      ? s3Object({ region, ...config.state })
      : memoryObject("the function's memory");
    const readSubnets = subnetReader(config, region, eks);
    return {
      api: silentLast(config.apiServer ? connect(config.apiServer) : describedCluster(eks, connect)),
      readings: claimedReadings({ object, cluster: clusterName, owner: randomUUID(), clock }),
      clusterIds: ec2TagClusterId({ clusterName, region }),
      subnets:
        readSubnets &&
        (async (budgetMs: number) => {
          const { subnets, warning } = await readSubnets(budgetMs);
          return { metrics: subnetMetrics(subnets), warnings: warningsOf('subnets-unavailable', warning) };
        }),
    };
  }

  return async () => {
    parts ??= makeParts(await regionOf(cloudwatch));
    const { api, readings, clusterIds, subnets } = parts;
    const clusterId: ClusterId =
      'value' in config.clusterId ? config.clusterId : await clusterIds.resolve(CLUSTER_ID_BUDGET_MS);
    return {
      cluster: clusterName,
      clusterId: clusterId.value,
      api,
      readings,
      sink: config.publish
        ? cloudWatchSink(cloudwatch, { namespace: config.namespace, clusterId: clusterId.value })
        : undefined,
      subnets,
      scrape: config.scrape,
      clock,
      wait,
      notices: [
        ...(config.state ? [] : [IN_MEMORY]),
        ...warningsOf('cluster-id-fallback', clusterId.warning),
      ],
    };
  };
}

/** Spent before the cycle begins, on a cold start or while no tag is found. */
const CLUSTER_ID_BUDGET_MS = 4_000;

/** Reads the cluster's subnets: those of the settings, those EKS knows and those with its tags. */
function subnetReader({ clusterName, apiServer, subnets }: Config, region: string, eks: EksCluster) {
  if (subnets === undefined) return undefined;
  const directory = ec2Subnets({ region });
  return async (budgetMs: number): Promise<SubnetReading> => {
    // If EKS does not answer, the list of pods fails for it and says so.
    const known = apiServer ? undefined : await eks.address(budgetMs).catch(() => undefined);
    const subnetIds = [...subnets.ids, ...(known?.subnetIds ?? [])];
    return directory.read({ clusterName, subnetIds, vpcId: known?.vpcId }, budgetMs);
  };
}

/** Makes what a diagnosis works with. Its modules are loaded only then: most of them no cycle ever needs. */
export async function equip({ env, clock, wait }: Host): Promise<Diagnosable> {
  const { findCredentials } = await import('./adapters/probes/credentials.ts');
  const { surroundings } = await import('./adapters/probes/probes.ts');
  const cloudwatch = new CloudWatchClient(CLIENT_LIMITS);
  // Where no region is known, the step `credentials` says so and nothing that needs one is tried.
  const region = await cloudwatch.config.region().catch(() => '');
  return {
    config: () => parseConfig(env),
    credentials: (slice) => findCredentials(slice, env.AWS_LAMBDA_FUNCTION_NAME),
    surroundings: (config) => {
      const { clusterName, publish, namespace, state } = config;
      return surroundings({
        cluster: clusterName,
        region,
        credentials: eksToken({
          clusterName,
          region,
          credentials: cloudwatch.config.credentials,
          clock,
        }),
        publishing: publish ? { client: cloudwatch, namespace } : undefined,
        state: state && { ...state, object: s3Object({ region, ...state }) },
        readSubnets: subnetReader(config, region, eksCluster({ clusterName, region })),
        findClusterId:
          'value' in config.clusterId ? undefined : ec2TagClusterId({ clusterName, region }).resolve,
        clock,
        wait,
      });
    },
    clock,
    wait,
  };
}

const IN_MEMORY: Warning = {
  code: 'state-in-memory',
  message: 'STATE_BUCKET is not set: counters begin anew from a baseline after each cold start',
};

const warningsOf = (code: Warning['code'], message: string | undefined): Warning[] =>
  message === undefined ? [] : [{ code, message }];

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
    // Whole milliseconds: fractions of them are noise in a report.
    clock: { now: Date.now, elapsed: () => Math.round(performance.now()) },
    wait: setTimeout,
    write: (line) => process.stdout.write(line),
  },
  compose,
  equip,
);
