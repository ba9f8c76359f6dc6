import { expect, test } from 'vitest';
import { evaluateMath } from '../../../local/cloudwatch/metric-math.ts';

const SERIES: Readonly<Record<string, number | undefined>> = {
  a: 6,
  b: 4,
  zero: 0,
  gone: undefined,
  lost: undefined,
};

const evaluate = (expression: string): number | undefined =>
  evaluateMath(expression, {
    periodSeconds: 300,
    value(name) {
      if (!(name in SERIES)) throw new Error(`no ${name}`);
      return SERIES[name];
    },
  });

test.each([
  ['100 * a / b', 150],
  ['100 * (a - b) / a', 100 / 3],
  ['a - b - b', -2],
  ['a + b * 2', 14],
  ['60 * a / PERIOD(a)', 1.2],
  ['FILL(a, 0)', 6],
  ['FILL(gone, 0)', 0],
  ['FILL(gone, 0) + a', 6],
  // A series without a value beside one that has one counts as 0; a constant is no series.
  ['a + gone', 6],
  ['100 * gone / a', 0],
  ['100 * gone', undefined],
  ['gone / lost', undefined],
  ['a / zero', undefined],
  ['a / gone', undefined],
  ['IF(a >= 6, b)', 4],
  ['IF(a > 6, b)', undefined],
  ['IF(a < 6, b, 3)', 3],
  ['IF(a <= 6, 1, b)', 1],
  ['IF(gone < 6, b, 3)', undefined],
])('%s is %d', (expression, value) => {
  expect(evaluate(expression)).toBe(value);
});

test.each(['a +', '(a', 'a b', 'ANOMALY_DETECTION_BAND(a)', 'a ^ b', 'IF(a = 1, b)', ''])(
  '"%s" is an error',
  (expression) => {
    expect(() => evaluate(expression)).toThrow('cannot read');
  },
);

test('an unknown variable is an error', () => {
  expect(() => evaluate('a / c')).toThrow('no c');
});
