import { faultAt } from './exposition-error.ts';
import { NAMES, nameAt } from './exposition-families.ts';
import {
  asBytes,
  compare,
  holds,
  isDigit,
  isNameByte,
  type Labels,
  newLabels,
  readLabels,
  seriesKey,
  skipBlanks,
} from './exposition-labels.ts';
import { addSample, newTotals, readingOf, type Totals } from './exposition-totals.ts';
import { endsWord, readValue, type Sample } from './exposition-value.ts';
import type { PodReading } from './pod-reading.ts';

export { ExpositionError } from './exposition-error.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;
const COLON = 0x3a;
const OPENING_BRACE = 0x7b;
const END_MARK = asBytes('# EOF');

/** One pass over one answer. */
interface Pass {
  readonly bytes: Uint8Array;
  readonly totals: Totals;
  readonly labels: Labels;
  readonly sample: Sample;
  /** By position in NAMES: where the labels of its series before stand, from 2i to 2i + 1. */
  readonly before: number[];
  /** The series so far; without it, equal series are noticed only where each name's series ascend. */
  readonly series: Set<string> | undefined;
  ordered: boolean;
}

/**
 * Reads the Prometheus text of one aws-node pod. Lines of the catalogue's families are checked wholly, other
 * lines are skipped at the first byte that tells.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @param bytes UTF-8, decompressed
 * @throws ExpositionError where the answer is not such text, has a series twice, or none of ipamd's
 */
export function decode(bytes: Uint8Array): PodReading {
  // Go's client library writes series in order, so equal ones would be neighbours; an answer in another order
  // is read again with a memory of its series.
  const totals = read(bytes, undefined) ?? read(bytes, new Set());
  if (!totals?.samples) {
    const what =
      bytes.length === 0 ? 'the answer is empty' : 'no awscni_ metric (is this the Amazon VPC CNI?)';
    throw faultAt(bytes, 0, what);
  }
  return readingOf(totals);
}

/** @returns undefined where series are in no order and `series` is not given */
function read(bytes: Uint8Array, series: Set<string> | undefined): Totals | undefined {
  const pass: Pass = {
    bytes,
    totals: newTotals(),
    labels: newLabels(bytes),
    sample: { value: 0, end: 0 },
    before: [],
    series,
    ordered: true,
  };
  for (let at = 0; at < bytes.length; at += 1) {
    at = readLine(pass, at);
    if (!pass.ordered && !series) return undefined;
  }
  return pass.totals;
}

/** @returns the offset of the line feed that ends the line, or of the end of the answer */
function readLine(pass: Pass, start: number): number {
  const { bytes } = pass;
  const at = skipBlanks(bytes, start);
  const name = nameAt(bytes, at);
  if (name !== -1) {
    const behind = at + (NAMES[name]?.bytes.length ?? 0);
    const byte = bytes[behind];
    if (!isNameByte(byte) && byte !== COLON) return readSample(pass, name, behind);
  }
  const first = bytes[at];
  if (first === HASH && isEndMark(bytes, at)) return endOfAnswer(bytes, at + END_MARK.length);
  if (!startsLine(first)) throw faultAt(bytes, at, 'not Prometheus text');
  const end = bytes.indexOf(LINE_FEED, at);
  return end === -1 ? bytes.length : end;
}

const startsLine = (byte: number | undefined): boolean =>
  byte === HASH ||
  (isNameByte(byte) && !isDigit(byte)) ||
  byte === COLON ||
  byte === LINE_FEED ||
  byte === CARRIAGE_RETURN ||
  byte === undefined;

function readSample(pass: Pass, name: number, start: number): number {
  const { bytes, labels, sample, totals } = pass;
  let at = bytes[start] === OPENING_BRACE ? start : skipBlanks(bytes, start);
  const from = at;
  labels.count = 0;
  labels.canonical = true;
  if (bytes[at] === OPENING_BRACE) at = readLabels(labels, at + 1);
  else if (at === start && !endsWord(bytes[at])) {
    throw faultAt(bytes, at, 'expected a blank or { behind the name');
  }
  noteSeries(pass, name, from, at);
  readValue(bytes, at, sample);
  const target = NAMES[name]?.target;
  if (target) addSample(totals, target, labels, sample.value, at);
  return sample.end;
}

function noteSeries(pass: Pass, name: number, from: number, to: number): void {
  const { bytes, labels, before, series } = pass;
  if (series) {
    const key = `${name} ${seriesKey(labels)}`;
    if (series.has(key)) throw faultAt(bytes, from, 'the series stands twice');
    series.add(key);
    return;
  }
  const [lastFrom, lastTo] = [before[2 * name], before[2 * name + 1]];
  if (lastFrom === undefined || lastTo === undefined || compare(bytes, lastFrom, lastTo, from, to) < 0) {
    before[2 * name] = from;
    before[2 * name + 1] = to;
    if (!labels.canonical) pass.ordered = false;
  } else pass.ordered = false;
}

function isEndMark(bytes: Uint8Array, at: number): boolean {
  const behind = at + END_MARK.length;
  const end = bytes[behind];
  return (
    holds(bytes, at, Math.min(behind, bytes.length), END_MARK) &&
    (end === LINE_FEED || end === CARRIAGE_RETURN || end === undefined)
  );
}

function endOfAnswer(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== SPACE && byte !== TAB) {
      throw faultAt(bytes, at, 'text behind # EOF');
    }
  }
  return bytes.length;
}
