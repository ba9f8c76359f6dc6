import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startServer } from '../../../support/tls-server.ts';

const ANSWERS = 500;
/** Of so many runs the best is judged: when V8 frees a text differs from run to run, but a leak is in every run. */
const RUNS = 3;
/** Texts that may remain. Kept ones are all of the {@link ANSWERS}. */
const BOUND = ANSWERS / 6;
const ANSWER = 'awscni_eni_max 4\n'.padEnd(30_000, '# HELP awscni_eni_max The most ENIs\n');

/** Reads all answers, then runs only minor collections: what remains would wait for a full one. */
const PROGRAM = `
  import { apiClient } from './lambda/adapters/api-server/client.ts';
  import { clusterReader } from './lambda/adapters/api-server/cluster-reader.ts';
  import { SYSTEM_CLOCK as clock } from './lambda/adapters/system-clock.ts';
  import { Deadline } from './lambda/deadline.ts';
  const [url, ca] = process.argv.slice(1);
  const endpoint = { url: new URL(url), ca };
  const credentials = { kind: 'bearer', authorization: async () => 'x', renew: async () => 'x' };
  const api = clusterReader(apiClient({ endpoint, credentials, clock }), clock);
  for (let read = 0; read < ${ANSWERS}; read += 1) await api.readMetrics({ name: 'p', node: '' }, Deadline.in(20000, clock));
  for (let times = 0; times < 3; times += 1) gc({ type: 'minor' });
  console.log(process.memoryUsage().arrayBuffers);
  api.close();`;

test.each<{ protocol: 'h2' | 'http/1.1'; packed: boolean }>([
  { protocol: 'h2', packed: true },
  { protocol: 'h2', packed: false },
  { protocol: 'http/1.1', packed: true },
])(
  'no text of a pod stays in memory after it is parsed, $protocol, gzip $packed',
  async ({ protocol, packed }) => {
    const body = packed ? gzipSync(ANSWER) : ANSWER;
    const {
      access: { endpoint },
    } = await startServer(
      (_request, response) => {
        if (packed) response.setHeader('content-encoding', 'gzip');
        response.end(body);
      },
      { protocol },
    );
    let least = Infinity;
    for (let run = 0; run < RUNS && least >= BOUND; run += 1) {
      const child = spawn(
        process.execPath,
        ['--expose-gc', '--input-type=module', '-e', PROGRAM, endpoint.url.href, endpoint.ca],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [said, ended] = await Promise.all([text(child.stdout), once(child, 'close')]);
      expect(ended).toEqual([0, null]);
      least = Math.min(least, Number(said) / ANSWER.length);
    }
    expect(least).toBeLessThan(BOUND);
  },
);
