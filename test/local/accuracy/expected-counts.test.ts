import { expect, test } from 'vitest';
import { createExpectedCounts, TOTAL_NAMES, totalsOf } from '../../../local/accuracy/expected-counts.ts';
import { REQUESTED_ADDRESS } from '../../../local/simulation/node.ts';
import { type Process, startProcess } from '../../../local/simulation/process.ts';

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const ADDED = TOTAL_NAMES.indexOf('addReqCount');

const observed = (seen: Readonly<Record<string, Process>>) =>
  new Map(Object.entries(seen).map(([pod, process]) => [pod, { process, totals: totalsOf(process) }]));
const processAt = (time: number, events: number) => {
  const process = startProcess(time);
  process.count(REQUESTED_ADDRESS, events);
  return process;
};

test('expects the events of old processes from their first reading, and all events of new ones', () => {
  const expected = createExpectedCounts();
  const [old, late, born, brief] = [
    processAt(T0 - MINUTE, 100),
    processAt(T0 - MINUTE, 50),
    processAt(T0 + MINUTE, 7),
    processAt(T0 + MINUTE, 3),
  ];
  expected.record(T0, ['old', 'late'], observed({ old }));
  old.count(REQUESTED_ADDRESS, 5);
  expected.record(T0 + 2 * MINUTE, ['old', 'late', 'born'], observed({ old, late, born }));
  for (const process of [old, late, born]) process.count(REQUESTED_ADDRESS, 1);
  expected.record(T0 + 3 * MINUTE, ['old', 'late', 'born'], observed({ late, born }));
  late.count(REQUESTED_ADDRESS, 20);

  const incarnations = [old, late, born, brief].map((process) => ({ pod: '', process, ended: undefined }));
  const { events, unseen } = expected.result(incarnations);
  // old 5; late 1, from its first reading; born 7 + 1.
  expect(events[ADDED]).toBe(14);
  // old 1, late 20, and all of what was never read.
  expect(unseen[ADDED]).toBe(24);
});
