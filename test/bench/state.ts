import { join, pack, split } from '../../lambda/adapters/state/packed-state.ts';
import { increase } from '../../lambda/domain/state/counters.ts';
import { later, manyPods } from '../support/large-state.ts';
import { median } from './median.ts';

/** CPU time of the counters' part of a cycle of 5,000 pods: `node test/bench/state.ts`. */
const PODS = 5_000;
const ROUNDS = 30;
const TIME = Date.UTC(2026, 0, 1);
const HEADER = { cluster: 'bench', writer: 'bench' };

const before = manyPods(PODS, 1);
const after = later(before, 2);
const listed = new Set(before.keys());
const bytes = join(HEADER, pack(increase(undefined, { time: TIME, listed, read: before }).next));

const stages = { load: [] as number[], diff: [] as number[], store: [] as number[], total: [] as number[] };
function timed<T>(stage: keyof typeof stages, work: () => T): T {
  const start = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(start);
  stages[stage].push((user + system) / 1_000);
  return result;
}
for (let round = 0; round < ROUNDS; round += 1) {
  timed('total', () => {
    const { state } = timed('load', () => split(bytes, 'bench', Date.now()));
    const { next } = timed('diff', () => increase(state, { time: TIME + 60_000, listed, read: after }));
    timed('store', () => join(HEADER, pack(next)));
  });
}
process.stdout.write(
  `${PODS} pods: ${Math.round(bytes.length / 1_000)} KB stored; CPU, median of ${ROUNDS}: ${Object.entries(
    stages,
  )
    .map(([stage, ms]) => `${stage} ${median(ms).toFixed(1)} ms`)
    .join(', ')}\n`,
);
