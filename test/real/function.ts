import { devNull } from 'node:os';
import type { Report } from '../../lambda/collect/report.ts';
import type { Diagnosis } from '../../lambda/diagnose/diagnose.ts';
import { type CloudWatchEndpoint, startCloudWatch } from '../../local/aws/cloudwatch.ts';
import { startS3 } from '../../local/aws/s3.ts';
import { startSts } from '../../local/aws/sts.ts';
import { startBuiltFunction } from './built-function.ts';
import { READER, type RealCluster } from './cluster.ts';
import type { Principal } from './sts.ts';

/** The built function in a process of its own, before a real cluster and with an AWS of its own. */
export interface RealFunction extends AsyncDisposable {
  readonly cloudwatch: CloudWatchEndpoint;
  /** One cycle, of a later tick than the cycle before. @throws FunctionError */
  cycle(event?: { readonly dryRun?: boolean; readonly verbose?: boolean }): Promise<Report>;
  /** @throws FunctionError */
  diagnose(): Promise<Diagnosis>;
}

const REGION = 'eu-central-1';
const BUCKET = 'state';
const TICK_MS = 1_000;

export interface RealFunctionOptions {
  readonly principal?: Principal;
  /** Laid over the function's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** That of Lambda for each invocation. */
  readonly timeoutMs?: number;
}

/** Builds the function and starts it. */
export async function startRealFunction(
  { clusterName, endpoint, ca }: RealCluster,
  { principal = READER, environment = {}, timeoutMs = 50_000 }: RealFunctionOptions = {},
): Promise<RealFunction> {
  const { accessKeyId, secretAccessKey, sessionToken = '' } = principal;
  const account = { region: REGION, keys: new Map([[accessKeyId, { secretAccessKey, sessionToken }]]) };
  const [cloudwatch, s3, sts] = await Promise.all([
    startCloudWatch(account, Date.now),
    startS3(account, BUCKET),
    startSts(account, principal.arn),
  ]);
  const settings = {
    CLUSTER_NAME: clusterName,
    CLUSTER_ENDPOINT: endpoint,
    CLUSTER_CA: Buffer.from(ca).toString('base64'),
    STATE_BUCKET: BUCKET,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_ENDPOINT_URL_CLOUDWATCH: cloudwatch.url,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_STS: sts.url,
    ...environment,
  };
  const lambda = await startBuiltFunction(settings, timeoutMs);
  let tick = Date.now();
  return {
    cloudwatch,
    cycle(event = {}) {
      tick += TICK_MS;
      return lambda.invoke<Report>({ scheduledTime: new Date(tick).toISOString(), ...event });
    },
    diagnose: () => lambda.invoke<Diagnosis>({ diagnose: true }),
    async [Symbol.asyncDispose]() {
      await lambda[Symbol.asyncDispose]();
      await Promise.all([cloudwatch, s3, sts].map((server) => server.close()));
    },
  };
}
