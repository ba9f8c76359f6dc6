import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { clusterApi } from './adapters/api-server/cluster-api.ts';
import { claimedReadings } from './adapters/claimed-readings.ts';
import { CLIENT_LIMITS } from './adapters/client-limits.ts';
import { cloudWatchSink } from './adapters/cloudwatch.ts';
import { type ClusterId, ec2TagClusterId } from './adapters/cluster-id.ts';
import { describedCluster } from './adapters/described-cluster.ts';
import { type ClusterAddress, eksCluster } from './adapters/eks-cluster.ts';
import { eksToken } from './adapters/eks-token.ts';
import { memoryObject } from './adapters/memory-readings.ts';
import { s3Object } from './adapters/s3-readings.ts';
import { ec2Subnets } from './adapters/subnets.ts';
import type { Collector } from './collect.ts';
import type { Config } from './config.ts';
import { subnetMetrics } from './domain/subnets.ts';
import { CollectorError } from './errors.ts';
import { createHandler, type Host } from './invoke.ts';
import type { Warning } from './report.ts';

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
      clusterApi({ endpoint, ca, credentials: token }, wait);
    const eks = eksCluster({ clusterName, region });
    const subnets = ec2Subnets({ region });
    const object = config.state
      ? s3Object({ region, ...config.state })
      : memoryObject("the function's memory");
    return {
      api: config.apiServer ? connect(config.apiServer) : describedCluster(eks, connect),
      readings: claimedReadings({ object, cluster: clusterName, owner: randomUUID(), clock }),
      clusterIds: ec2TagClusterId({ clusterName, region }),
      readSubnets: async (ids: readonly string[], budgetMs: number) => {
        // If EKS does not answer, the list of pods fails for it and says so.
        const known = config.apiServer ? undefined : await eks.address(budgetMs).catch(() => undefined);
        const subnetIds = [...ids, ...(known?.subnetIds ?? [])];
        const network = { clusterName, subnetIds, vpcId: known?.vpcId };
        const { subnets: found, warning } = await subnets.read(network, budgetMs);
        return { metrics: subnetMetrics(found), warnings: warningsOf('subnets-unavailable', warning) };
      },
    };
  }

  return async () => {
    parts ??= makeParts(await regionOf(cloudwatch));
    const { api, readings, clusterIds, readSubnets } = parts;
    const clusterId: ClusterId =
      'value' in config.clusterId ? config.clusterId : await clusterIds.resolve(CLUSTER_ID_BUDGET_MS);
    const { ids } = config.subnets ?? {};
    return {
      cluster: clusterName,
      clusterId: clusterId.value,
      api,
      readings,
      sink: config.publish
        ? cloudWatchSink(cloudwatch, { namespace: config.namespace, clusterId: clusterId.value })
        : undefined,
      subnets: ids && ((budgetMs) => readSubnets(ids, budgetMs)),
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
);
