/** Runs cycles of the built function, each when the parent asks for the next, and says what each cost. */
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DEFAULT_TIMEOUT_SECONDS } from '../../infra/function.ts';
import type { Handler } from '../../lambda/invoke.ts';
import type { CycleCost } from './interfaces.ts';

/** Minutes from the start: the first cycle and the third read the interfaces. */
const MINUTES = [0, 1, 16, 17];

const start = Date.now();
let minute = 0;
const real = Date.now;
Date.now = () => real() + minute * 60_000;

// As Lambda does at a cold start.
const bundle = join(import.meta.dirname, '../lambda/index.mjs');
const { handler }: { handler: Handler } = await import(pathToFileURL(bundle).href);

for (const next of MINUTES) {
  await once(process, 'message');
  minute = next;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const end = began + 1000 * DEFAULT_TIMEOUT_SECONDS;
  const { addresses } = await handler(
    { scheduledTime: new Date(start + minute * 60_000).toISOString() },
    { getRemainingTimeInMillis: () => end - performance.now() },
  );
  const { user, system } = process.cpuUsage(cpu);
  const cost: CycleCost = {
    cpuMs: (user + system) / 1000,
    wallMs: performance.now() - began,
    addresses: (addresses?.subnets ?? []).reduce((sum, { nodes, free }) => sum + nodes + free, 0),
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
  process.send?.(cost);
}
