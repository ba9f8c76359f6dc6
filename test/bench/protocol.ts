import type { ScrapeWay } from '../../lambda/contract.ts';
import type { AwsAccount } from '../../local/aws/endpoint.ts';
import { LOOPBACK_NODES } from '../../local/loopback-nodes.ts';
import type { Kilobytes } from './answers.ts';

/** Messages between the processes of the benchmark. */
export interface ServerOptions {
  readonly pods: number;
  readonly kilobytes: Kilobytes;
  /** Milliseconds that a pod takes to answer. */
  readonly latencyMs: number;
  /** Through the API server, or from the nodes. */
  readonly via: ScrapeWay;
  /** Of the API server; nodes speak HTTP/1.1. */
  readonly http: 'h2' | 'h1.1';
  readonly gzip: boolean;
  /** Of the pods, those that never answer. */
  readonly deadPercent: number;
}

/** What is varied one at a time. */
export const BASE = {
  kilobytes: 30,
  latencyMs: 20,
  via: 'api-server',
  http: 'h2',
  gzip: true,
  deadPercent: 0,
} as const satisfies Omit<ServerOptions, 'pods'>;

export interface ServerAddress {
  readonly via: ScrapeWay;
  readonly endpoint: string;
  /** PEM */
  readonly ca: string;
  /** URL of the CloudWatch endpoint. */
  readonly cloudwatch: string;
  /** URL of the S3 endpoint. */
  readonly s3: string;
  /** What a complete cycle finds. */
  readonly expected: { readonly live: number; readonly assigned: number };
}

/** Since it was asked last. */
export interface ServerUsage {
  readonly bytes: number;
  readonly connections: number;
  readonly cpuMs: number;
}

/** Other ways to read the pods, in the order of the table. */
export const BASELINES = ['serial', 'client-node', 'undici'] as const;
export type Baseline = (typeof BASELINES)[number];

/** What one process of a client does: whole cycles of the built function, or a baseline. */
export type ClientTask = 'collector' | Baseline;

export interface ClientOptions {
  readonly task: ClientTask;
  readonly server: ServerAddress;
  /** Folder of the built function. */
  readonly bundle: string;
  /** Of the last hour, that of its first cycle: after those of a process before it, whose state it reads. */
  readonly minute: number;
  /** What Lambda gives each cycle. */
  readonly timeoutMs: number;
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

/**
 * As long as those of a Lambda function's role. It is a part of the EKS token, which is a header of every request: 1.7 KB
 * that Node's HTTP/2 never indexes.
 */
const SESSION_TOKEN = Buffer.from('IQoJb3JpZ2luX2Vj+/session'.repeat(24)).toString('base64');

export const KEY = {
  accessKeyId: 'ASIABENCHMARK0000001',
  secretAccessKey: 'secret',
  sessionToken: SESSION_TOKEN,
};

export const ACCOUNT: AwsAccount = { region: 'eu-central-1', keys: new Map([[KEY.accessKeyId, KEY]]) };

export const BUCKET = 'benchmark-state';

/** The environment of the function under test. */
export const environmentOf = ({
  via,
  endpoint,
  ca,
  cloudwatch,
  s3,
}: ServerAddress): Record<string, string> => ({
  CLUSTER_NAME: 'benchmark',
  CLUSTER_ENDPOINT: endpoint,
  CLUSTER_CA: Buffer.from(ca).toString('base64'),
  SCRAPE_VIA: via,
  ...(via === 'node' && { NODE_CIDRS: LOOPBACK_NODES }),
  SUBNET_METRICS: 'false',
  STATE_BUCKET: BUCKET,
  AWS_REGION: ACCOUNT.region,
  AWS_ACCESS_KEY_ID: KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  AWS_SESSION_TOKEN: KEY.sessionToken,
  AWS_ENDPOINT_URL_CLOUDWATCH: cloudwatch,
  AWS_ENDPOINT_URL_S3: s3,
});
