import { afterAll, expect, test } from 'vitest';
import { startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { startFunction } from './start-function.ts';

const NOW = Date.UTC(2026, 10, 22, 14);

const cluster = await startEmbeddedCluster({ nodes: 3, seed: 7, now: NOW });
const process = startFunction(cluster.environment);
afterAll(async () => {
  await process[Symbol.asyncDispose]();
  await cluster.close();
});

/** CloudWatch Logs takes 256 KB; a line that somebody should read is far shorter. */
const MAX_LOG_CHARACTERS = 10_000;

test.each([
  { what: 'constructor', event: '{"constructor":1}' },
  { what: 'toString', event: '{"toString":1}' },
  { what: '__proto__', event: '{"__proto__":1}' },
  { what: 'hasOwnProperty', event: '{"hasOwnProperty":1}' },
  { what: 'a value of 100 KB', event: JSON.stringify({ scheduledTime: 'x'.repeat(100_000) }) },
  { what: 'a name of 100 KB', event: JSON.stringify({ ['x'.repeat(100_000)]: 1 }) },
  { what: '6 MB of blanks', event: JSON.stringify({ executionId: [' '.repeat(6_000_000)] }) },
  {
    what: '400,000 fields',
    event: `{${Array.from({ length: 400_000 }, (_, n) => `"${n.toString(36)}":1`).join(',')}}`,
  },
  { what: 'a list in a list, 20,000 times', event: `{"dryRun":${'['.repeat(20_000)}${']'.repeat(20_000)}}` },
  {
    what: 'text that acts on a terminal',
    event: JSON.stringify({ dryRun: '\x9b31m\u202e\n{"level":"INFO"}' }),
  },
  { what: 'a tick in two hours', event: JSON.stringify({ scheduledTime: '2026-11-22T16:00:00Z' }) },
  { what: 'a tick in three minutes', event: JSON.stringify({ scheduledTime: '2026-11-22T14:03:00Z' }) },
])('$what is refused with one line of log', async ({ event }) => {
  const { error, log, cpuMs } = await process.invoke(event, NOW);
  expect(error).toMatch(/^CollectorError: event-invalid: /);
  expect(log.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 'ERROR', message: 'failure', code: 'event-invalid' }),
  ]);
  expect(log.join('').length).toBeLessThan(MAX_LOG_CHARACTERS);
  expect(log.join('').trimEnd()).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(cpuMs).toBeLessThan(1_000);
});

test('an event that is refused changes nothing: the next tick is published', async () => {
  const { report } = await process.invoke('{"scheduledTime":"2026-11-22T14:00:00Z"}', NOW);
  expect(report).toMatchObject({ pods: { read: 3 }, published: { sink: 'cloudwatch' } });
});
