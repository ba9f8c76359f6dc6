import { beforeAll, expect, test } from 'vitest';
import { buildPrograms } from './processes.ts';
import { BASE } from './protocol.ts';
import { measureRow } from './rows.ts';

const OPTIONS = { pods: 300, ...BASE };

beforeAll(buildPrograms, 120_000);

// Of a cold cycle and a warm one.
test.each([
  ['api-server', 'over one connection', 1],
  ['node', 'over a connection each, beside that of the list', 601],
] as const)(
  'the built function reads 300 pods via %s, 100 at a time, %s, and loses none',
  async (via, _, connections) => {
    const notPinned = { client: undefined, server: undefined };
    const row = await measureRow({ ...OPTIONS, via }, { repeats: 1, baselines: false }, notPinned);
    expect(row).toMatchObject({ pods: 300, connections });
  },
  120_000,
);
