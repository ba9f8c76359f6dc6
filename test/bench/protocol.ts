import type { AwsAccount } from '../../local/aws/endpoint.ts';
import type { Kilobytes } from './answers.ts';

/** What the processes of the benchmark tell each other. */
export interface ServerOptions {
  readonly pods: number;
  readonly kilobytes: Kilobytes;
  /** Milliseconds that a pod takes to answer. */
  readonly latencyMs: number;
  readonly http: 'h2' | 'h1.1';
  readonly gzip: boolean;
  /** Of the pods, those that never answer. */
  readonly deadPercent: number;
}

export interface ServerAddress {
  readonly endpoint: string;
  /** PEM */
  readonly ca: string;
  /** URL of the CloudWatch endpoint. */
  readonly cloudwatch: string;
  /** What a right collector finds. */
  readonly truth: { readonly live: number; readonly assigned: number };
}

/** Since it was asked last. */
export interface ServerUsage {
  readonly requests: number;
  readonly bytes: number;
  readonly connections: number;
  readonly cpuMs: number;
}

/** What one process of a client does: whole cycles of the built function, or a way to read the pods without it. */
export type ClientTask = 'collector' | 'serial' | 'client-node';

export interface ClientOptions {
  readonly task: ClientTask;
  readonly server: ServerAddress;
  /** URL of the built function. */
  readonly bundle: string;
  /** How often it does its task after the first time. */
  readonly repeats: number;
  /** The baselines read so many pods and no more. */
  readonly mostPods: number;
}

/** The first run is the cold one: connections, compilation. */
export interface ClientResult {
  /** The import of the bundle; of a baseline, of what it uses. */
  readonly importMs: number;
  readonly runs: readonly Run[];
  /** Peak of the process, all runs together. */
  readonly peakRssMb: number;
}

export interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly listMs: number;
  /** Pods read, and the sum of their assigned addresses. */
  readonly pods: number;
  readonly assigned: number;
}

const KEY = { accessKeyId: 'ASIABENCHMARK0000001', secretAccessKey: 'secret', sessionToken: 'session' };

export const ACCOUNT: AwsAccount = { region: 'eu-central-1', keys: new Map([[KEY.accessKeyId, KEY]]) };

/** The environment of the function under test. */
export const environmentOf = ({ endpoint, ca, cloudwatch }: ServerAddress): Record<string, string> => ({
  CLUSTER_NAME: 'benchmark',
  CLUSTER_ENDPOINT: endpoint,
  CLUSTER_CA: Buffer.from(ca).toString('base64'),
  SUBNET_METRICS: 'false',
  AWS_REGION: ACCOUNT.region,
  AWS_ACCESS_KEY_ID: KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  AWS_SESSION_TOKEN: KEY.sessionToken,
  AWS_ENDPOINT_URL_CLOUDWATCH: cloudwatch,
});
