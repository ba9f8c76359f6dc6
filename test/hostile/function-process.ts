import { createInterface } from 'node:readline';
import { loadFunction } from '../../local/load-function.ts';

/** The function as Lambda runs it, in a process of its own: one line of JSON for each invocation and its result. */

const environment = JSON.parse(process.argv[2] ?? '{}');
let now = 0;
let log: string[] = [];
const invoke = await loadFunction({ environment, fleet: { now: () => now } }, (line) => log.push(line));

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  now = asked.now;
  log = [];
  const before = process.cpuUsage();
  const result = await invoke(JSON.parse(asked.event)).then(
    (report) => ({ report }),
    (error: Error) => ({ error: `${error.name}: ${error.message}` }),
  );
  const { user, system } = process.cpuUsage(before);
  const maxRssMb = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`${JSON.stringify({ ...result, log, cpuMs: (user + system) / 1000, maxRssMb })}\n`);
}
