import { expect, test } from 'vitest';
import type { AlarmState } from '../../local/cloudwatch/alarm-evaluator.ts';
import { MetricHistory } from '../../local/cloudwatch/metric-history.ts';
import { messagesOf, statesOf } from './alarm-messages.ts';

const STATES: Readonly<Record<string, AlarmState>> = { A: 'ALARM', o: 'OK', '-': 'INSUFFICIENT_DATA' };
/** One character a minute. */
const drawn = (states: string): AlarmState[] => [...states].map((mark) => STATES[mark] ?? 'OK');

const SUPPRESSOR = { alarm: 'other', waitMinutes: 1, extensionMinutes: 2 };

test.each([
  ['at once, and once', '-ooAAAo', 'ooooooo', [3]],
  ['each time it goes on', 'oAoAo', 'ooooo', [1, 3]],
  ['also where it is on from the start', 'AAA', 'ooo', [0]],
  ['never where it is never on', '---ooo', 'oooooo', []],
])('without a suppressor an alarm sends its message %s', (_, own, other, messages) => {
  const states = new Map([
    ['own', drawn(own)],
    ['other', drawn(other)],
  ]);
  expect(messagesOf(states, 'own', { from: 0, to: own.length })).toEqual(messages);
});

test.each([
  ['after the wait', 'oAAAAA', 'oooooo', [2]],
  ['not where it ends within the wait', 'oAoooo', 'oooooo', []],
  ['not while the suppressor is on', 'oAAAAA', 'AAAAAA', []],
  ['not where the suppressor goes on within the wait', 'oAAAAA', 'ooAAAA', []],
  ['also where the suppressor goes on after the wait', 'oAAAAA', 'oooAAA', [2]],
  ['after the extension where it is still on then', 'oAAAAAAA', 'AAAAoooo', [6]],
  ['not where it ends with the suppressor', 'oAAAoooo', 'AAAAoooo', []],
  ['not again where the suppressor comes and goes', 'oAAAAAAAA', 'ooooAAooo', [2]],
])('with a suppressor it sends its message %s', (_, own, other, messages) => {
  const states = new Map([
    ['own', drawn(own)],
    ['other', drawn(other)],
  ]);
  expect(messagesOf(states, 'own', { from: 0, to: own.length }, SUPPRESSOR)).toEqual(messages);
});

const history = new MetricHistory();
const series = { namespace: 'Test', name: 'm', dimensions: {} };
for (const minute of [12, 13]) history.putValue(series, minute, 5);
const metricAlarm = {
  id: 'metric',
  watched: { series, statistic: 'Maximum' },
  periodMinutes: 1,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  treatMissingData: 'ignore',
  comparison: 'GreaterThanThreshold',
  threshold: 4,
} as const;

test('a new alarm has insufficient data, and a composite one follows the states of the others', () => {
  const compositeAlarms = [
    { id: 'unknown', rule: 'INSUFFICIENT_DATA("metric")' },
    { id: 'top', rule: 'ALARM("metric") OR ALARM("unknown")' },
  ];
  const states = statesOf({ metricAlarms: [metricAlarm], compositeAlarms }, history, { from: 10, to: 14 });
  expect(Object.fromEntries(states)).toEqual({
    metric: drawn('--AA'),
    unknown: drawn('AAoo'),
    top: drawn('AAAA'),
  });
});

test('a rule that names an alarm which is not there is an error', () => {
  const alarms = { metricAlarms: [], compositeAlarms: [{ id: 'top', rule: 'ALARM("gone")' }] };
  expect(() => statesOf(alarms, history, { from: 0, to: 1 })).toThrow('The rule of top names gone');
});
