import { setTimeout } from 'node:timers/promises';
import { createHandler, type Handler } from '../lambda/invoke.ts';

/**
 * The Lambda function itself, in this process, with an environment and a clock of the embedded cluster. The SDK
 * reads the process's environment, so whatever it knew of AWS before is replaced.
 * @param now epoch milliseconds
 * @param write takes the function's log, one JSON line at a time
 */
export async function loadFunction(
  environment: Readonly<Record<string, string>>,
  now: () => number,
  write: (line: string) => void,
): Promise<Handler> {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, environment);
  const { compose, equip } = await import('../lambda/handler.ts');
  const clock = { now, elapsed: () => performance.now() };
  return createHandler({ env: environment, clock, wait: setTimeout, write }, compose, equip);
}
