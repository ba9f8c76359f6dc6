import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { EmbeddedCluster } from '../../local/embedded-cluster.ts';
import { type Outcome, startRuntimeApi } from './runtime-api.ts';

const RUNTIME_CLIENT = join(import.meta.dirname, '../../node_modules/aws-lambda-ric/index.mjs');
const ADDON = join(import.meta.dirname, 'runtime-client-addon.ts');

export interface DeployedFunction {
  /** The folder that Lambda unpacks the asset into. */
  readonly root: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
}

/** The function under AWS's own runtime client, in a process of its own that ends with the test. */
export async function startLambda(
  { root, handler, memoryMb, timeoutMs }: DeployedFunction,
  cluster: EmbeddedCluster,
) {
  const runtime = await startRuntimeApi('arn:aws:lambda:eu-central-1:111122223333:function:cni-metrics');
  const lambda = spawn(process.execPath, ['--import', ADDON, RUNTIME_CLIENT], {
    cwd: root,
    env: {
      ...cluster.environment,
      AWS_LAMBDA_RUNTIME_API: runtime.address,
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_LAMBDA_FUNCTION_NAME: 'cni-metrics',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: 'group',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      LAMBDA_TASK_ROOT: root,
      _HANDLER: handler,
    },
  });
  const [stdout, stderr] = [text(lambda.stdout), text(lambda.stderr)];
  const ended = once(lambda, 'exit').then(async ([code]) => ({ error: `exit ${code}: ${await stderr}` }));
  onTestFinished(async () => {
    lambda.kill();
    await runtime.close();
  });
  return {
    /** @throws Error with what the function throws */
    async invoke(event: object): Promise<unknown> {
      const outcome: Outcome = await Promise.race([runtime.invoke(event, timeoutMs), ended]);
      if ('error' in outcome) throw new Error(JSON.stringify(outcome.error));
      return outcome.response;
    },
    /** Ends the process. @returns what it has written */
    async end() {
      lambda.kill();
      return { stdout: await stdout, stderr: await stderr };
    },
  };
}
