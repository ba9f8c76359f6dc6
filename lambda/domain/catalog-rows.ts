import type { CniRelease } from './cni-release.ts';

export type Unit = 'Count' | 'Percent' | 'Milliseconds';

/** Which of a family's series count: those whose `label` has, or has not, one of `values`. */
export interface Selection {
  readonly label: string;
  readonly is: 'one-of' | 'none-of';
  readonly values: readonly string[];
}

interface Row {
  readonly name: string;
  readonly unit: Unit;
  readonly meaning: string;
}

/** Where the value of a pod comes from. */
interface Source {
  readonly family: string;
  /** A family with labels exposes nothing until its first event: absence is 0 if the CNI of the pod has the family. */
  readonly labels: readonly string[];
  /** For a family with labels, the first CNI release that has it; absent: all releases have it. */
  readonly since?: CniRelease;
}

/** A current value, summed over the pods that were read. */
export interface GaugeRow extends Row, Source {
  readonly kind: 'gauge';
  /** The name of the family in earlier releases. */
  readonly formerly?: string;
}

/** A running total of each ipamd process; published as the events since the last published cycle. */
export interface CounterRow extends Row, Source {
  readonly kind: 'counter';
  readonly select?: Selection;
  /** Published only if a pod exposes the family, so that other clusters do not pay for the metric. */
  readonly onlyIfExposed?: boolean;
}

/** What the collector computes or observes itself. */
export interface DerivedRow extends Row {
  readonly kind: 'latency' | 'distribution' | 'derived' | 'collector' | 'subnet';
}

export const gauge = <Name extends string>(
  name: Name,
  family: string,
  labels: readonly string[],
  meaning: string,
  more: Pick<GaugeRow, 'since' | 'formerly'> = {},
): GaugeRow & { readonly name: Name } => ({
  kind: 'gauge',
  ...count(name, meaning),
  family,
  labels,
  ...more,
});

export const counter = <Name extends string>(
  name: Name,
  family: string,
  labels: readonly string[],
  meaning: string,
  more: Pick<CounterRow, 'since' | 'select' | 'onlyIfExposed'> = {},
): CounterRow & { readonly name: Name } => ({
  kind: 'counter',
  ...count(name, meaning),
  family,
  labels,
  ...more,
});

const count = <Name extends string>(name: Name, meaning: string) =>
  ({ name, unit: 'Count', meaning }) as const;

export const derived = <Kind extends DerivedRow['kind'], Name extends string>(
  kind: Kind,
  name: Name,
  meaning: string,
  unit: Unit = 'Count',
) => ({ kind, name, unit, meaning }) as const satisfies DerivedRow;
