import { expect, test } from 'vitest';
import {
  type AlarmState,
  nextState,
  type Point,
  stateAt,
} from '../../../local/cloudwatch/alarm-evaluator.ts';
import { MetricHistory, type Series } from '../../../local/cloudwatch/metric-history.ts';

const POINTS: Readonly<Record<string, Point>> = { '0': 'ok', X: 'breaching', '-': 'missing' };
const points = (drawn: string): Point[] => drawn.split(' ').map((mark) => POINTS[mark] ?? 'missing');
const KEPT = 'kept';

/** The tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
const DOCUMENTED = [
  { drawn: '0 - X - X', of: 3, missing: 'OK', ignore: 'OK', breaching: 'OK', notBreaching: 'OK' },
  { drawn: '0 - - - -', of: 3, missing: 'OK', ignore: 'OK', breaching: 'OK', notBreaching: 'OK' },
  {
    drawn: '- - - - -',
    of: 3,
    missing: 'INSUFFICIENT_DATA',
    ignore: KEPT,
    breaching: 'ALARM',
    notBreaching: 'OK',
  },
  { drawn: '0 X X - X', of: 3, missing: 'ALARM', ignore: 'ALARM', breaching: 'ALARM', notBreaching: 'ALARM' },
  { drawn: '- - X - -', of: 3, missing: 'ALARM', ignore: KEPT, breaching: 'ALARM', notBreaching: 'OK' },
  { drawn: '0 - X - X', of: 2, missing: 'ALARM', ignore: 'ALARM', breaching: 'ALARM', notBreaching: 'ALARM' },
  { drawn: '0 0 X 0 X', of: 2, missing: 'ALARM', ignore: 'ALARM', breaching: 'ALARM', notBreaching: 'ALARM' },
  { drawn: '0 - X - -', of: 2, missing: 'OK', ignore: 'OK', breaching: 'ALARM', notBreaching: 'OK' },
  { drawn: '- - - - 0', of: 2, missing: 'OK', ignore: 'OK', breaching: 'ALARM', notBreaching: 'OK' },
  { drawn: '- - - X -', of: 2, missing: 'ALARM', ignore: KEPT, breaching: 'ALARM', notBreaching: 'OK' },
] as const;

test.each(
  DOCUMENTED.flatMap(({ drawn, of, ...states }) =>
    (['missing', 'ignore', 'breaching', 'notBreaching'] as const).map((treatMissingData) => ({
      drawn,
      of,
      treatMissingData,
      state: states[treatMissingData],
    })),
  ),
)('$drawn, $of of 3, missing as $treatMissingData: $state', ({ drawn, of, treatMissingData, state }) => {
  const rules = { evaluationPeriods: 3, datapointsToAlarm: of, treatMissingData };
  for (const previous of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const satisfies AlarmState[]) {
    expect(nextState(points(drawn), rules, previous)).toBe(state === KEPT ? previous : state);
  }
});

test.each(['- - - - X', '- - - X -'])('%s is no alarm yet when three are asked for', (drawn) => {
  const rules = { evaluationPeriods: 3, datapointsToAlarm: 3, treatMissingData: 'missing' } as const;
  expect(nextState(points(drawn), rules, 'OK')).toBe('INSUFFICIENT_DATA');
});

const series: Series = { namespace: 'Test', name: 'm', dimensions: {} };
const alarm = {
  id: 'a',
  watched: { series, statistic: 'Sum' },
  periodMinutes: 5,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  treatMissingData: 'missing',
  comparison: 'GreaterThanThreshold',
  threshold: 9,
} as const;

test('a period ends now: the sum of 2 a minute passes 9 as soon as five minutes hold it, and not after', () => {
  const history = new MetricHistory();
  for (let minute = 0; minute < 30; minute += 1)
    history.putValue(series, minute, minute >= 11 && minute < 16 ? 2 : 0);
  const states = Array.from({ length: 12 }, (_, i) => stateAt(alarm, history, 11 + i, 'OK'));

  expect(states.indexOf('ALARM')).toBe(5);
  expect(states.lastIndexOf('ALARM')).toBe(5);
});

test.each([
  ['Sum', 6],
  ['Average', 2],
  ['Minimum', 1],
  ['Maximum', 3],
  ['SampleCount', 3],
])('%s of 1, 2 and 3 is %d', (statistic, value) => {
  const history = new MetricHistory();
  for (const [minute, published] of [1, 2, 3].entries()) history.putValue(series, minute, published);
  const at = (threshold: number) =>
    stateAt({ ...alarm, watched: { series, statistic }, threshold }, history, 5, 'OK');

  expect([at(value - 0.5), at(value)]).toEqual(['ALARM', 'OK']);
});

test('a statistic it does not know is an error, not silence', () => {
  const history = new MetricHistory();
  history.putValue(series, 1, 1);
  expect(() =>
    stateAt({ ...alarm, watched: { series, statistic: 'TM(10%:90%)' } }, history, 3, 'OK'),
  ).toThrow('TM(10%:90%)');
});
