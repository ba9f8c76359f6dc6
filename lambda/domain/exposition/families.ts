import { COUNTERS, GAUGES, LATENCY, START_TIME_FAMILY } from '../catalog.ts';
import type { Selection } from '../catalog-rows.ts';
import { type Answer, asBytes } from './bytes.ts';

/** What a sample of one name adds to. */
export type Target =
  | { readonly kind: 'start-time' }
  | { readonly kind: 'gauge'; readonly index: number }
  | { readonly kind: 'counter'; readonly rows: readonly CounterTarget[] }
  | { readonly kind: 'latency'; readonly part: 'sum' | 'count' | 'quantile' }
  | { readonly kind: 'fact'; readonly part: Fact };

export type Fact = 'version' | 'eni' | 'connmark' | 'startups' | 'startup-seconds' | 'node-init-seconds';

/** A row of COUNTERS, and which series of the family count for it. */
export interface CounterTarget {
  readonly index: number;
  readonly select?: {
    readonly label: Uint8Array;
    readonly is: Selection['is'];
    readonly values: readonly Uint8Array[];
  };
}

function counterTargets(family: string): CounterTarget[] {
  return COUNTERS.flatMap(({ family: own, select }, index) => {
    if (own !== family) return [];
    if (!select) return [{ index }];
    const { label, is, values } = select;
    return [{ index, select: { label: asBytes(label), is, values: values.map(asBytes) } }];
  });
}

const FACTS: Readonly<Record<string, Fact>> = {
  awscni_build_info: 'version',
  awscni_assigned_ip_per_eni: 'eni',
  awscni_connmark_reconcile_total: 'connmark',
  awscni_ipamd_startup_duration_seconds_count: 'startups',
  awscni_ipamd_startup_duration_seconds_sum: 'startup-seconds',
  awscni_ipamd_node_initialization_duration_seconds_sum: 'node-init-seconds',
};

const BY_NAME = new Map<string, Target>([
  [START_TIME_FAMILY, { kind: 'start-time' }],
  ...GAUGES.flatMap(({ family, formerly }, index) =>
    [family, formerly ?? family].map((name): [string, Target] => [name, { kind: 'gauge', index }]),
  ),
  ...COUNTERS.map(({ family }): [string, Target] => [
    family,
    { kind: 'counter', rows: counterTargets(family) },
  ]),
  [LATENCY.family, { kind: 'latency', part: 'quantile' }],
  [`${LATENCY.family}_sum`, { kind: 'latency', part: 'sum' }],
  [`${LATENCY.family}_count`, { kind: 'latency', part: 'count' }],
  ...Object.entries(FACTS).map(([name, fact]): [string, Target] => [name, { kind: 'fact', part: fact }]),
]);

/** Every name that counts, and what it adds to. */
export const NAMES: readonly {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly target: Target;
}[] = [...BY_NAME].map(([name, target]) => ({ name, bytes: asBytes(name), target }));

/** Cells per state: a byte of a name is below 128. */
const WIDTH = 128;

/** By state and byte: the next state, or 0 if no name continues like this. The first state is 1. */
const table = new Uint16Array((2 + NAMES.reduce((total, { bytes }) => total + bytes.length, 0)) * WIDTH);
/** By state: the position in NAMES of the name that ends here, or -1. */
const ends = new Int16Array(table.length / WIDTH).fill(-1);

let states = 1;
NAMES.forEach(({ bytes }, position) => {
  let state = 1;
  for (const byte of bytes) {
    const cell = state * WIDTH + byte;
    if (!table[cell]) table[cell] = states += 1;
    state = table[cell] ?? 0;
  }
  ends[state] = position;
});

/**
 * The position in NAMES of the longest name that the answer has at `start`, or -1; the caller checks what follows
 * the name. Reading stops at the first byte that belongs to no name of interest.
 */
export function nameAt({ bytes }: Answer, start: number): number {
  const { length } = bytes;
  let state = 1;
  for (let at = start; at < length; at += 1) {
    const byte = bytes[at] ?? 0;
    const next = byte < WIDTH ? (table[state * WIDTH + byte] ?? 0) : 0;
    if (next === 0) break;
    state = next;
  }
  return ends[state] ?? -1;
}
