import { expect, test } from 'vitest';
import type { AlarmState } from '../../../local/cloudwatch/alarm-evaluator.ts';
import { ruleHolds } from '../../../local/cloudwatch/alarm-rule.ts';

const STATES: Readonly<Record<string, AlarmState>> = { on: 'ALARM', off: 'OK', new: 'INSUFFICIENT_DATA' };

function stateOf(alarm: string): AlarmState {
  const state = STATES[alarm];
  if (!state) throw new Error(`no alarm ${alarm}`);
  return state;
}

test.each([
  ['ALARM("on")', true],
  ['ALARM("off")', false],
  ['OK("off")', true],
  ['OK("new")', false],
  ['INSUFFICIENT_DATA("new")', true],
  ['NOT OK("new")', true],
  ['(ALARM("on") AND OK("off"))', true],
  ['ALARM("on") AND ALARM("off")', false],
  ['ALARM("off") OR ALARM("on")', true],
  ['ALARM("on") OR ALARM("on") AND ALARM("off")', true],
  ['(ALARM("on") OR ALARM("on")) AND ALARM("off")', false],
  ['NOT (ALARM("on") AND ALARM("off"))', true],
])('%s: %s', (rule, holds) => {
  expect(ruleHolds(rule, stateOf)).toBe(holds);
});

test.each(['', 'ALARM("on") AND', '(ALARM("on")', 'ALARM("on"))', 'ALARM("on") XOR OK("off")', 'on'])(
  'the rule "%s" is an error',
  (rule) => {
    expect(() => ruleHolds(rule, stateOf)).toThrow(`Cannot read the rule ${rule}`);
  },
);

test('an alarm that does not exist is an error, whatever the rest of the rule says', () => {
  expect(() => ruleHolds('ALARM("on") OR ALARM("gone")', stateOf)).toThrow('no alarm gone');
});
