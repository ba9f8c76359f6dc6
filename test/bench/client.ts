/**
 * Reads the pods of a benchmark's server in one way, several times, in a process of its own so that its peak of
 * memory is its own too. Started by `runClient`, which sends the options.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Handler } from '../../lambda/invoke.ts';
import { type ClientOptions, type ClientResult, environmentOf, type Run } from './protocol.ts';

/** What one reading found. */
export type Found = Pick<Run, 'listMs' | 'pods' | 'assigned'>;

/** Whole cycles of the function as it is deployed: from the invocation to its answer. */
async function collector({
  server,
  bundle,
  minute,
  timeoutMs,
}: ClientOptions): Promise<() => Promise<Found>> {
  Object.assign(process.env, environmentOf(server));
  // As Lambda does at a cold start.
  const { handler }: { handler: Handler } = await import(pathToFileURL(join(bundle, 'index.mjs')).href);
  let tick = Date.now() - 3_600_000 + minute * 60_000;
  return async () => {
    tick += 60_000;
    const end = performance.now() + timeoutMs;
    const context = { getRemainingTimeInMillis: () => end - performance.now() };
    const report = await handler({ scheduledTime: new Date(tick).toISOString() }, context);
    const assigned = report.metrics.find(({ name }) => name === 'assignIPAddresses');
    return {
      listMs: report.durationsMs.discover,
      pods: report.pods.read,
      assigned: assigned && 'value' in assigned ? assigned.value : NaN,
    };
  };
}

async function measure(read: () => Promise<Found>): Promise<Run> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const found = await read();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ...found, wallMs, cpuMs: (user + system) / 1000 };
}

process.once('message', async (options: ClientOptions) => {
  const start = performance.now();
  const read =
    options.task === 'collector'
      ? await collector(options)
      : await (await import('./baselines.ts')).baseline(options);
  const importMs = performance.now() - start;
  const runs: Run[] = [];
  for (let run = 0; run <= options.repeats; run += 1) runs.push(await measure(read));
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  process.send?.({ importMs, runs, peakRssMb } satisfies ClientResult);
  process.disconnect();
  process.exit();
});
