import { expect, test } from 'vitest';
import { ACCOUNTS, createLedger, totalsOf } from '../../../local/accuracy/ledger.ts';
import { REQUESTED_ADDRESS } from '../../../local/simulation/node.ts';
import { type Process, startProcess } from '../../../local/simulation/process.ts';

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const ADDED = ACCOUNTS.indexOf('addReqCount');

const glimpses = (seen: Readonly<Record<string, Process>>) =>
  new Map(Object.entries(seen).map(([pod, process]) => [pod, { process, totals: totalsOf(process) }]));
const processAt = (time: number, events: number) => {
  const process = startProcess(time);
  process.count(REQUESTED_ADDRESS, events);
  return process;
};

test('the books hold what was counted, from the first reading of old processes and all of new ones', () => {
  const ledger = createLedger();
  const [old, late, born, brief] = [
    processAt(T0 - MINUTE, 100),
    processAt(T0 - MINUTE, 50),
    processAt(T0 + MINUTE, 7),
    processAt(T0 + MINUTE, 3),
  ];
  ledger.count(T0, ['old', 'late'], glimpses({ old }));
  old.count(REQUESTED_ADDRESS, 5);
  ledger.count(T0 + 2 * MINUTE, ['old', 'late', 'born'], glimpses({ old, late, born }));
  for (const process of [old, late, born]) process.count(REQUESTED_ADDRESS, 1);
  ledger.count(T0 + 3 * MINUTE, ['old', 'late', 'born'], glimpses({ late, born }));
  late.count(REQUESTED_ADDRESS, 20);

  const incarnations = [old, late, born, brief].map((process) => ({ pod: '', process, ended: undefined }));
  const { events, unseen } = ledger.close(incarnations);
  // old 5; late 1, from its first reading; born 7 + 1.
  expect(events[ADDED]).toBe(14);
  // old 1, late 20, and all of what was never read.
  expect(unseen[ADDED]).toBe(24);
});
