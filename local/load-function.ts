import { SYSTEM_CLOCK } from '../lambda/adapters/system-clock.ts';
import type { Clock } from '../lambda/deadline.ts';
import { createHandler, type Handler } from '../lambda/invoke.ts';

/** What the function gets of an embedded cluster. */
export interface View {
  readonly environment: Readonly<Record<string, string>>;
  /** Epoch milliseconds by the function's clock. */
  readonly fleet: { now(): number };
}

/**
 * The Lambda function itself, in this process, with the environment and the clock of the embedded cluster. The SDK reads
 * the environment of the process, so all AWS variables in it are replaced.
 * @param write receives the function's log, one JSON line at a time
 * @param time for durations and pauses
 */
export async function loadFunction(
  { fleet, environment }: View,
  write: (line: string) => void,
  time: Clock = SYSTEM_CLOCK,
): Promise<Handler> {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, environment);
  const { composeCollector, composeDiagnosis } = await import('../lambda/handler.ts');
  const clock = { ...time, now: () => fleet.now() };
  return createHandler({ env: environment, clock, write }, composeCollector, composeDiagnosis);
}
