import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../infra/bundle.ts';
import type { Report } from '../../lambda/collect/report.ts';
import type { Diagnosis } from '../../lambda/diagnose/diagnose.ts';
import { type CloudWatchEndpoint, startCloudWatch } from '../../local/aws/cloudwatch.ts';
import { startS3 } from '../../local/aws/s3.ts';
import { startSts } from '../../local/aws/sts.ts';
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

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What an invocation threw. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly code: string;
  readonly remedy: string;

  constructor({ code, message, remedy }: Failure) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
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
  const child = await startChild([await built(), String(timeoutMs)], {
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
  });
  let tick = Date.now();
  return {
    cloudwatch,
    cycle(event = {}) {
      tick += TICK_MS;
      return invoke<Report>(child, { scheduledTime: new Date(tick).toISOString(), ...event });
    },
    diagnose: () => invoke<Diagnosis>(child, { diagnose: true }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'close');
      await Promise.all([cloudwatch, s3, sts].map((server) => server.close()));
    },
  };
}

let building: Promise<string> | undefined;

/** The bundle's entry, built once; main.ts removes every temporary folder. */
function built(): Promise<string> {
  building ??= (async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'bundle-'));
    await bundle(outdir);
    return join(outdir, 'index.mjs');
  })();
  return building;
}

async function startChild(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'invoke-bundle.ts'), args, {
    env,
    // Its log is not looked at.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await messageOf(child);
  return child;
}

async function invoke<Result>(child: ChildProcess, event: object): Promise<Result> {
  child.send(event);
  const { result, error } = await messageOf(child);
  if (error) throw new FunctionError(error);
  return result as Result;
}

interface Message {
  readonly result?: unknown;
  readonly error?: Failure;
}

/** @throws Error where the child ends without one */
function messageOf(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const ended = (code: unknown) => reject(new Error(`the function's process ended: ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(Object(message));
    });
  });
}
