import { expect, test } from 'vitest';
import { buildPrograms } from './processes.ts';
import { measureRow } from './rows.ts';

test('the built function reads 300 pods, 100 at a time, over one connection, and loses none', async () => {
  await buildPrograms();
  const options = {
    pods: 300,
    kilobytes: 30,
    latencyMs: 20,
    http: 'h2',
    gzip: true,
    deadPercent: 0,
  } as const;
  const notPinned = { client: undefined, server: undefined };
  const row = await measureRow(options, { repeats: 1, baselines: false }, notPinned);
  expect(row).toMatchObject({ pods: 300, connections: 1 });
}, 120_000);
