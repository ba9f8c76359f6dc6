import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startServer } from '../../../support/tls-server.ts';

const ANSWERS = 500;
const ANSWER = 'awscni_eni_max 4\n'.padEnd(30_000, '# HELP awscni_eni_max The most ENIs\n');

/** Reads all answers, then collects only what is young: what is left would wait for a full collection. */
const PROGRAM = `
  import { apiClient } from './lambda/adapters/api-server/client.ts';
  import { clusterApi } from './lambda/adapters/api-server/cluster-api.ts';
  const [endpoint, ca] = process.argv.slice(1);
  const credentials = { kind: 'bearer', authorization: async () => 'x', renew: async () => 'x' };
  const api = clusterApi(apiClient({ endpoint: new URL(endpoint), ca, credentials }), async () => {});
  for (let read = 0; read < ${ANSWERS}; read += 1) await api.readMetrics({ name: 'p', node: '' }, 20000);
  for (let times = 0; times < 3; times += 1) gc({ type: 'minor' });
  console.log(process.memoryUsage().arrayBuffers);
  api.close();`;

test.each<{ protocol: 'h2' | 'http/1.1'; packed: boolean }>([
  { protocol: 'h2', packed: true },
  { protocol: 'h2', packed: false },
  { protocol: 'http/1.1', packed: true },
])('no text of a pod outlives its reading, $protocol, gzip $packed', async ({ protocol, packed }) => {
  const body = packed ? gzipSync(ANSWER) : ANSWER;
  const { connection } = await startServer(
    (_request, response) => {
      if (packed) response.setHeader('content-encoding', 'gzip');
      response.end(body);
    },
    { protocol },
  );
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', PROGRAM, connection.endpoint.href, connection.ca],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [said, ended] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(ended).toEqual([0, null]);
  expect(Number(said) / ANSWER.length).toBeLessThan(ANSWERS / 6);
});
