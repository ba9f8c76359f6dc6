/** `npm run bench`: how fast, and at what cost, the built function reads a cluster. Results: docs/performance.md. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_MEMORY_MB } from '../../infra/function.ts';
import { measureColdStarts } from './cold-start.ts';
import { lambdaShare } from './cpu-share.ts';
import { type Machine, thisMachine } from './machine.ts';
import { buildPrograms, runMicro } from './processes.ts';
import { BASE, type ServerOptions } from './protocol.ts';
import { holds, measureRatios } from './ratios.ts';
import { Incomplete, measureRow, type Row } from './rows.ts';
import { coldStartTable, microTable, ratioTable, rowTable } from './table.ts';
import { measureWays } from './ways.ts';

const { values } = parseArgs({
  options: {
    /** Sizes of clusters. */
    pods: { type: 'string', default: '100,1000,5000,15000' },
    /** Memory settings of Lambda in MB, each with its share of a CPU; without it: a whole core. */
    memory: { type: 'string' },
    /** The function's timeout in seconds: for clusters that take longer than a minute's cycle. */
    timeout: { type: 'string', default: '50' },
    /** Through the API server and from the nodes, in turn; the least of three rounds. */
    ways: { type: 'boolean', default: false },
    /** Cold starts beside those of another build, under the CPU share of the default memory: its folder dist/lambda. */
    'cold-start': { type: 'string' },
    /** Every combination of the variations instead of one at a time; takes an hour. */
    all: { type: 'boolean', default: false },
    /** The short form: judges ratios within one run, and exits with 1 where one is beyond its limit. */
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const REPEATS = 3;
const CHANGES: readonly Partial<ServerOptions>[] = [
  { gzip: false },
  { kilobytes: 12 },
  { latencyMs: 5 },
  { http: 'h1.1' },
  { deadPercent: 5 },
];
const ONE_AT_A_TIME: readonly Partial<ServerOptions>[] = [
  {},
  ...CHANGES,
  { via: 'node' },
  { via: 'node', deadPercent: 5 },
];
const WAYS: readonly Partial<ServerOptions>[] = [{}, { deadPercent: 5 }];
const COMBINED = CHANGES.reduce<Partial<ServerOptions>[]>(
  (sets, change) => sets.concat(sets.map((set) => ({ ...set, ...change }))),
  [{}],
);

const numbers = (list: string): number[] =>
  list.split(',').map((text) => {
    if (!/^[1-9]\d*$/.test(text)) throw new Error(`${text} is not a whole number above 0`);
    return Number(text);
  });

const [timeoutMs = 0] = numbers(values.timeout).map((seconds) => 1000 * seconds);

const say = (text: string) => process.stderr.write(text);

async function wholeCore(machine: Machine): Promise<void> {
  const rows: Row[] = [];
  for (const pods of numbers(values.pods)) {
    for (const variation of values.all ? COMBINED : ONE_AT_A_TIME) {
      say(`${pods} pods ${JSON.stringify(variation)}\n`);
      const baselines = Object.keys(variation).length === 0;
      rows.push(
        await measureRow(
          { pods, ...BASE, ...variation },
          { repeats: REPEATS, baselines, timeoutMs },
          machine,
        ),
      );
    }
  }
  say('micro\n');
  const micro = await runMicro(machine.client);
  if (values.json) print(JSON.stringify({ machine, rows, micro }, null, 2));
  else print(`${machine.what}\n\n${rowTable(rows)}\n\n${microTable(micro)}`);
}

/** Rows of both ways, side by side. */
async function bothWays(machine: Machine): Promise<void> {
  const rows: Row[] = [];
  for (const pods of numbers(values.pods)) {
    for (const variation of WAYS) {
      say(`${pods} pods ${JSON.stringify(variation)}, both ways\n`);
      const options = { pods, ...BASE, ...variation };
      rows.push(...(await measureWays(options, { repeats: REPEATS, baselines: false, timeoutMs }, machine)));
    }
  }
  if (values.json) print(JSON.stringify({ machine, rows }, null, 2));
  else print(`${machine.what}\n\n${rowTable(rows)}`);
}

/** The base row under the CPU share and the memory of Lambda's settings. */
async function lambdaShares(machine: Machine, settings: readonly number[]): Promise<void> {
  const rows: (Row & { memoryMb: number; limitedBy: string })[] = [];
  for (const memoryMb of settings) {
    const share = lambdaShare(memoryMb);
    for (const pods of numbers(values.pods)) {
      say(`${memoryMb} MB, ${pods} pods\n`);
      const options = { pods, ...BASE };
      try {
        const row = await measureRow(
          options,
          { repeats: REPEATS, baselines: false, memoryMb, timeoutMs },
          { ...machine, share },
        );
        rows.push({ memoryMb, limitedBy: share.how, ...row });
      } catch (error) {
        // The cycle's time is over before all pods are read: that is a result too.
        if (!(error instanceof Incomplete)) throw error;
        say(`${error}\n`);
      }
    }
  }
  if (values.json) print(JSON.stringify({ machine, rows }, null, 2));
  else
    for (const memoryMb of settings) {
      const own = rows.filter((row) => row.memoryMb === memoryMb);
      print(`${memoryMb} MB, ${own[0]?.limitedBy ?? 'no size could be read'}\n\n${rowTable(own)}\n`);
    }
}

/** A small cluster, where most of the first cycle is what happens once. */
async function coldStarts(other: string): Promise<void> {
  const share = lambdaShare(DEFAULT_MEMORY_MB);
  const builds = await measureColdStarts(resolve(other), { pods: 20, ...BASE }, share);
  if (values.json) print(JSON.stringify({ machine, builds }, null, 2));
  else print(`${machine.what}, ${share.how}\n\n${coldStartTable(builds)}`);
}

async function check(machine: Machine): Promise<void> {
  const ratios = await measureRatios(machine);
  if (values.json) print(JSON.stringify({ machine, ratios }, null, 2));
  else print(`${machine.what}\n\n${ratioTable(ratios)}`);
  if (!ratios.every(holds)) process.exitCode = 1;
}

const print = (text: string) => process.stdout.write(`${text}\n`);

await buildPrograms();
const machine = thisMachine();
if (values.check) await check(machine);
else if (values['cold-start'] !== undefined) await coldStarts(values['cold-start']);
else if (values.ways) await bothWays(machine);
else if (values.memory === undefined) await wholeCore(machine);
else await lambdaShares(machine, numbers(values.memory));
