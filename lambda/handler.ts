import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { clusterApi } from './adapters/api-server/cluster-api.ts';
import { claimedReadings } from './adapters/claimed-readings.ts';
import { CLIENT_LIMITS } from './adapters/client-limits.ts';
import { cloudWatchSink } from './adapters/cloudwatch.ts';
import { eksToken } from './adapters/eks-token.ts';
import { memoryObject } from './adapters/memory-readings.ts';
import { s3Object } from './adapters/s3-readings.ts';
import { ec2Subnets } from './adapters/subnets.ts';
import type { Collector } from './collect.ts';
import type { Config } from './config.ts';
import { type ClusterNetwork, subnetMetrics } from './domain/subnets.ts';
import { CollectorError } from './errors.ts';
import { createHandler, type Host } from './invoke.ts';
import type { ReadingsStore, SubnetDirectory } from './ports.ts';
import type { Warning } from './report.ts';

/**
 * Makes what a collector works with. Clients, connections and readings are made once; what may still be unknown
 * is asked again at each invocation.
 */
function compose(config: Config, { clock, wait }: Host): () => Promise<Collector> {
  const cloudwatch = new CloudWatchClient(CLIENT_LIMITS);
  let readings: ReadingsStore | undefined;
  let api: Collector['api'] | undefined;
  let subnets: SubnetDirectory | undefined;

  return async () => {
    const region = await regionOf(cloudwatch);
    readings ??= claimedReadings({
      object: config.state
        ? s3Object({ region, ...config.state })
        : memoryObject('the memory of this function'),
      cluster: config.clusterName,
      owner: randomUUID(),
      clock,
    });
    if (config.apiServer === undefined)
      throw new CollectorError('describe-cluster-failed', 'CLUSTER_ENDPOINT is not set');
    api ??= clusterApi(
      {
        ...config.apiServer,
        credentials: eksToken({
          clusterName: config.clusterName,
          region,
          credentials: cloudwatch.config.credentials,
          clock,
        }),
      },
      wait,
    );
    const clusterId = 'value' in config.clusterId ? config.clusterId.value : config.clusterName;
    const network = {
      clusterName: config.clusterName,
      subnetIds: config.subnets?.ids ?? [],
      vpcId: undefined,
    };
    subnets ??= config.subnets && ec2Subnets({ region });
    const directory = subnets;
    return {
      cluster: config.clusterName,
      clusterId,
      api,
      readings,
      sink: config.publish
        ? cloudWatchSink(cloudwatch, { namespace: config.namespace, clusterId })
        : undefined,
      subnets: directory && ((budgetMs) => readSubnets(directory, network, budgetMs)),
      scrape: config.scrape,
      clock,
      wait,
      notices: config.state ? [] : [IN_MEMORY],
    };
  };
}

const IN_MEMORY: Warning = {
  code: 'state-in-memory',
  message: 'STATE_BUCKET is not set: counters begin anew from a baseline after each cold start',
};

async function readSubnets(directory: SubnetDirectory, network: ClusterNetwork, budgetMs: number) {
  const { subnets, warning } = await directory.read(network, budgetMs);
  return {
    metrics: subnetMetrics(subnets),
    warnings: warning === undefined ? [] : [{ code: 'subnets-unavailable' as const, message: warning }],
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
    clock: { now: Date.now, elapsed: () => performance.now() },
    wait: setTimeout,
    write: (line) => process.stdout.write(line),
  },
  compose,
);
