import type { IpamdFacts } from '../pod-reading.ts';
import { asBytes } from './bytes.ts';
import type { Fact } from './families.ts';
import { findLabel, type Labels, labelValue, valueIs } from './labels.ts';

const VERSION = asBytes('version');
const RESULT = asBytes('result');
const ERROR = asBytes('error');
const REASON = asBytes('failure_reason');

/** ipamd has two reasons and versions of some ten characters; bounds what a hostile answer leaves in a report. */
const MAX_PLAIN = 64;
const PLAIN = /^[\w.+-]+$/;
const MAX_REASONS = 8;

/** The facts while they are collected. */
export interface Facts {
  version: string;
  /** Series of `awscni_assigned_ip_per_eni`. */
  enis: number;
  /** One element: their sum. */
  readonly inUseOnEnis: number[];
  connmarkErrors: number;
  readonly startupFailures: string[];
  startupSeconds: number;
  nodeInitSeconds: number;
}

export const newFacts = (): Facts => ({
  version: '',
  enis: 0,
  inUseOnEnis: [0],
  connmarkErrors: 0,
  startupFailures: [],
  startupSeconds: NaN,
  nodeInitSeconds: NaN,
});

/** Seconds may be fractions; everything else is a whole number. */
export const isSeconds = (fact: Fact): boolean => fact === 'startup-seconds' || fact === 'node-init-seconds';

/** Adds one valid sample. */
export function addFact(facts: Facts, fact: Fact, labels: Labels, value: number): void {
  switch (fact) {
    case 'version':
      facts.version = plainValue(labels, VERSION);
      break;
    case 'eni':
      facts.enis += 1;
      facts.inUseOnEnis[0] = (facts.inUseOnEnis[0] ?? 0) + value;
      break;
    case 'connmark':
      if (hasValue(labels, RESULT, ERROR)) facts.connmarkErrors += value;
      break;
    case 'startups':
      if (value > 0) addFailure(facts, plainValue(labels, REASON));
      break;
    case 'startup-seconds':
      facts.startupSeconds = longer(facts.startupSeconds, value);
      break;
    case 'node-init-seconds':
      facts.nodeInitSeconds = longer(facts.nodeInitSeconds, value);
      break;
  }
}

/** Leaves a fact unknown that has an invalid sample. */
export function invalidateFact(facts: Facts, fact: Fact): void {
  if (fact === 'eni') facts.enis = NaN;
  if (fact === 'connmark') facts.connmarkErrors = NaN;
}

export const factsOf = ({ inUseOnEnis, ...facts }: Facts): IpamdFacts => ({
  ...facts,
  inUseOnEnis: inUseOnEnis[0] ?? 0,
});

function addFailure({ startupFailures }: Facts, reason: string): void {
  if (reason === '' || startupFailures.includes(reason) || startupFailures.length === MAX_REASONS) return;
  startupFailures.push(reason);
}

/** A failed startup and the one that succeeds are two series: the longer duration counts. */
const longer = (known: number, value: number): number =>
  Number.isNaN(known) ? value : Math.max(known, value);

function hasValue(labels: Labels, name: Uint8Array, value: Uint8Array): boolean {
  const label = findLabel(labels, name);
  return label !== -1 && valueIs(labels, label, value);
}

function plainValue(labels: Labels, name: Uint8Array): string {
  const label = findLabel(labels, name);
  const text = label === -1 ? undefined : labelValue(labels, label, MAX_PLAIN);
  return text !== undefined && PLAIN.test(text) ? text : '';
}
