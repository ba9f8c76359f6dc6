import type { Answer } from './bytes.ts';
import { NAMES } from './families.ts';
import { type Labels, newLabels } from './labels.ts';
import { newTotals, type Totals } from './totals.ts';
import type { Sample } from './value.ts';

/** One pass over one answer: what was read, and what the next line is compared with. */
export interface Pass {
  readonly answer: Answer;
  readonly totals: Totals;
  readonly labels: Labels;
  readonly sample: Sample;
  /** By position in NAMES: where the labels of its previous series begin, and how long they are; or -1. */
  readonly befores: number[];
  readonly beforeLengths: number[];
  /** The series so far; without it, equal series are noticed only while the series of each name ascend. */
  readonly series: Set<string> | undefined;
  ordered: boolean;
}

const NO_BEFORES = NAMES.map(() => -1);

export const newPass = (answer: Answer, series: Set<string> | undefined): Pass => ({
  answer,
  totals: newTotals(),
  labels: newLabels(answer),
  sample: { value: 0, end: 0 },
  befores: NO_BEFORES.slice(),
  beforeLengths: NO_BEFORES.slice(),
  series,
  ordered: true,
});
