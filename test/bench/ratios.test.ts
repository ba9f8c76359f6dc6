import { beforeAll, expect, test } from 'vitest';
import { buildPrograms, runMicro } from './processes.ts';
import { measureRow, type Row } from './rows.ts';

/**
 * The short form of the benchmark. Only ratios within one run are judged, at half or less of what is measured on
 * a machine that does nothing else, since the machine of a check does. That no pod is lost, `measureRow` checks.
 */
const OPTIONS = { kilobytes: 30, latencyMs: 20, http: 'h2', gzip: true, deadPercent: 0 } as const;
const NOT_PINNED = { client: undefined, server: undefined };

let few: Row;
let many: Row;
let micro: Readonly<Record<string, number>>;

beforeAll(async () => {
  await buildPrograms();
  few = await measureRow({ pods: 300, ...OPTIONS }, { repeats: 2, baselines: false }, NOT_PINNED);
  many = await measureRow({ pods: 1000, ...OPTIONS }, { repeats: 2, baselines: true }, NOT_PINNED);
  micro = await runMicro(undefined);
}, 240_000);

test('1,000 pods are read at least 10 times as fast as one after the other', () => {
  expect((many.serialWallMs ?? 0) / many.wallMs).toBeGreaterThan(10);
});

test("1,000 pods cost at most a quarter of the CPU of @kubernetes/client-node's calls", () => {
  expect((many.clientNodeCpuMs ?? 0) / many.cpuMs).toBeGreaterThan(4);
});

test('the cost of a pod does not grow with their number', () => {
  expect(many.cpuPerPodUs / few.cpuPerPodUs).toBeLessThan(1.5);
});

test('the peak of memory hardly grows with the number of pods', () => {
  expect(many.peakRssMb / few.peakRssMb).toBeLessThan(1.25);
});

test('100 requests at a time need one connection', () => {
  expect({ few: few.connections, many: many.connections }).toEqual({ few: 1, many: 1 });
});

test("an answer is decoded at least 10 times as fast as by npm's parser", () => {
  expect(micro.decode30KbTimesAsFast).toBeGreaterThan(10);
});
