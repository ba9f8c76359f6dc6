import type { PodReading } from '../pod-reading.ts';
import { COLON, HASH, OPENING_BRACE, SPACE, TAB } from './ascii.ts';
import {
  type Answer,
  answerOf,
  asBytes,
  endsLine,
  endsWord,
  holds,
  isDigit,
  isNameByte,
  lineEnd,
  skipBlanks,
} from './bytes.ts';
import { faultAt } from './error.ts';
import { NAMES, nameAt } from './families.ts';
import { compareBytes, noLabels, readLabels, seriesKey } from './labels.ts';
import { newPass, type Pass } from './pass.ts';
import { readSiblings } from './siblings.ts';
import { addSample, readingOf, type Totals } from './totals.ts';
import { readValue } from './value.ts';

export { ExpositionError } from './error.ts';

/** ipamd's library writes series in order, so only a hostile answer has more in another order. */
const MAX_UNORDERED = 10_000;

const END_MARK = asBytes('# EOF');

/**
 * Reads the Prometheus text of one aws-node pod. Lines of known families are checked completely. Other lines are
 * skipped at the first byte that belongs to no known name.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @param bytes UTF-8, decompressed
 * @throws ExpositionError if the answer is not such text, contains a series twice, or no metric of ipamd
 */
export function decode(bytes: Uint8Array): PodReading {
  const answer = answerOf(bytes);
  // Go's client library writes series in order, so equal series would be neighbors. An answer in another order
  // is read again, remembering all its series.
  const totals = read(answer, undefined) ?? read(answer, new Set());
  if (!totals?.samples) {
    const what =
      bytes.length === 0 ? 'the answer is empty' : 'no awscni_ metric (is this the Amazon VPC CNI?)';
    throw faultAt(bytes, 0, what);
  }
  return readingOf(totals);
}

/** @returns undefined if the series are not in order and `series` is not given */
function read(answer: Answer, series: Set<string> | undefined): Totals | undefined {
  const pass = newPass(answer, series);
  const { length } = answer.bytes;
  for (let at = 0; at < length; at += 1) {
    at = readLine(pass, at);
    if (!pass.ordered && !series) return undefined;
  }
  return pass.totals;
}

/** @returns the offset of the line feed that ends the line, or of the end of the answer */
function readLine(pass: Pass, start: number): number {
  const { answer } = pass;
  const { bytes } = answer;
  const at = skipBlanks(bytes, start);
  const first = bytes[at];
  if (first === HASH) {
    if (isEndMark(bytes, at)) return endOfAnswer(bytes, at + END_MARK.length);
  } else if (isNameByte(first) && !isDigit(first)) {
    const name = nameAt(answer, at);
    if (name !== -1) {
      const behind = at + (NAMES[name]?.bytes.length ?? 0);
      if (!isNameByte(bytes[behind]) && bytes[behind] !== COLON) return readSample(pass, name, at, behind);
    }
  } else if (first !== COLON && !endsLine(first)) throw faultAt(bytes, at, 'not Prometheus text');
  return lineEnd(answer, at);
}

/** Reads the rest of a line that begins at `line` with a known name; `behind` is the offset after the name. */
function readSample(pass: Pass, name: number, line: number, behind: number): number {
  const { answer, labels, sample, totals } = pass;
  const { bytes } = answer;
  const start = skipBlanks(bytes, behind);
  if (start === behind && bytes[start] !== OPENING_BRACE && !endsWord(bytes[start])) {
    throw faultAt(bytes, start, 'expected a blank or { after the name');
  }
  let at = start;
  if (bytes[start] === OPENING_BRACE) at = readLabels(labels, start);
  else noLabels(labels, start);
  noteSeries(pass, name, start, at - start);
  readValue(bytes, at, sample);
  addSample(totals, name, labels, sample.value);
  return readSiblings(pass, name, line, sample.end);
}

function noteSeries(pass: Pass, name: number, start: number, length: number): void {
  const { answer, labels, befores, beforeLengths, series } = pass;
  if (series) {
    const key = `${name} ${seriesKey(labels)}`;
    if (series.has(key)) throw faultAt(answer.bytes, start, 'the series occurs twice');
    if (series.size === MAX_UNORDERED)
      throw faultAt(answer.bytes, start, `more than ${MAX_UNORDERED} series in no order`);
    series.add(key);
    return;
  }
  const before = befores[name] ?? -1;
  if (!labels.canonical) pass.ordered = false;
  if (before !== -1 && compareBytes(answer, before, beforeLengths[name] ?? 0, start, length) >= 0)
    pass.ordered = false;
  befores[name] = start;
  beforeLengths[name] = length;
}

function isEndMark(bytes: Uint8Array, at: number): boolean {
  const behind = at + END_MARK.length;
  return endsLine(bytes[behind]) && holds(bytes, at, Math.min(behind, bytes.length), END_MARK);
}

function endOfAnswer(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (!endsLine(byte) && byte !== SPACE && byte !== TAB) throw faultAt(bytes, at, 'text after # EOF');
  }
  return bytes.length;
}
