import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { nodeOptions } from '../../../../lambda/contract.ts';
import { podOf, startApi } from '../../../support/served-api.ts';
import { type Handle, startServer } from '../../../support/tls-server.ts';

/** Each failed deletion makes a series of its own: 8,000 of them are 2.3 MB. */
const error = (request: number) =>
  'operation error EC2: DeleteNetworkInterface, https response error StatusCode: 400, ' +
  `RequestID: 00000000-0000-4000-8000-${String(request).padStart(12, '0')}, ` +
  "api error InvalidParameterValue: Network interface 'eni-0a1b2c3d4e5f60718' is in use.";
const MONTHS_OF_ERRORS = [
  'awscni_assigned_ip_addresses 5',
  ...Array.from(
    { length: 8_000 },
    (_, request) => `awscni_aws_utils_error_count{error="${error(request)}",fn="FreeENIDeleteErr"} 1`,
  ),
  'awscni_total_ip_addresses 9\n',
].join('\n');

const AT_A_TIME = 100;
const ROUNDS = 2;
const MEMORY_MB = 512;

/** Reads as many answers at a time as a cycle does at the most, and prints what became of them and the peak of memory. */
const PROGRAM = `
  import { apiClient } from './lambda/adapters/api-server/client.ts';
  import { clusterReader } from './lambda/adapters/api-server/cluster-reader.ts';
  import { SYSTEM_CLOCK as clock } from './lambda/adapters/system-clock.ts';
  import { Deadline } from './lambda/deadline.ts';
  const [rounds, url, ca] = process.argv.slice(1);
  const endpoint = { url: new URL(url), ca };
  const credentials = { kind: 'bearer', authorization: async () => 'x', renew: async () => 'x' };
  const api = clusterReader(apiClient({ endpoint, credentials, clock }), clock);
  const ends = {};
  for (let round = 0; round < rounds; round += 1)
    await Promise.all(Array.from({ length: ${AT_A_TIME} }, async (_, index) => {
      const reading = api.readMetrics({ name: 'p' + index, node: '' }, Deadline.in(600_000, clock));
      const end = await reading.then((found) => found.name ?? 'read', (failure) => failure.code);
      ends[end] = (ends[end] ?? 0) + 1;
    }));
  console.log(JSON.stringify({ ends, peakMb: process.resourceUsage().maxRSS / 1024 }));
  api.close();`;

async function readInChild(
  rounds: number,
  handle: Handle,
): Promise<{ ends: Record<string, number>; peakMb: number }> {
  const { access } = await startServer(handle, { maxMemoryMb: 4_000 });
  const { url, ca } = access.endpoint;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', PROGRAM, String(rounds), url.href, ca],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: nodeOptions(MEMORY_MB) },
    },
  );
  const [said, ended] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(ended).toEqual([0, null]);
  return JSON.parse(said);
}

test('all nodes with months of errors are read within the memory of a function', async () => {
  const body = gzipSync(MONTHS_OF_ERRORS);
  const { ends, peakMb } = await readInChild(ROUNDS, (_request, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(body);
  });
  expect(ends).toEqual({ read: ROUNDS * AT_A_TIME });
  expect(peakMb).toBeLessThan(MEMORY_MB / 2);
}, 60_000);

test('a hundred answers of 10 MB at a time do not exceed the memory of a function', async () => {
  const body = Buffer.alloc(10_000_000, '# nothing\n');
  const { ends, peakMb } = await readInChild(1, (_request, response) => response.end(body));
  expect(ends['answer-too-large']).toBeGreaterThan(AT_A_TIME / 2);
  expect(peakMb).toBeLessThan(0.75 * MEMORY_MB);
}, 60_000);

test('of answers that do not fit into memory together, as few as possible fail, and no small one', async () => {
  const crowd = Promise.withResolvers<void>();
  const ends: (() => void)[] = [];
  let holding = true;
  const { read } = await startApi((request, response) => {
    response.stream.on('error', () => {});
    const isSmall = podOf(request.url) === 'small';
    response.write(Buffer.alloc(isSmall ? 200_000 : 10_000_000, 'x'));
    if (isSmall || !holding) response.end();
    else ends.push(() => response.end());
  });
  const failures: unknown[] = [];
  const large = Array.from({ length: 8 }, async (_, index) => {
    const { length } = await read(`p${index}`).catch((error) => {
      failures.push({ code: error.code, retryable: error.retryable, overload: error.overload });
      // Six of them hold less than 64 MiB, seven hold more.
      if (failures.length === 2) crowd.resolve();
      return '';
    });
    return length;
  });
  await crowd.promise;
  expect((await read('small')).length).toBe(200_000);
  for (const end of ends) end();
  expect((await Promise.all(large)).sort()).toEqual([0, 0, ...Array(6).fill(10_000_000)]);
  expect(failures).toEqual(Array(2).fill({ code: 'answer-too-large', retryable: true, overload: true }));

  // What they held is free again.
  holding = false;
  const again = await Promise.all(Array.from({ length: 6 }, (_, index) => read(`p${index}`)));
  expect(again.map(({ length }) => length)).toEqual(Array(6).fill(10_000_000));
});
