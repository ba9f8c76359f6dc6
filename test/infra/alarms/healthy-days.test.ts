import { describe, expect, test } from 'vitest';
import { ALARM_IDS, ALARMS } from '../../../infra/alarms/definitions.ts';
import { KIND_NAMES } from '../../alarm-table/healthy-days.ts';
import { dayAt, readTable, SIZES, simulateDay, upperBound } from '../../alarm-table/table.ts';

const table = readTable();

describe.each(Object.entries(table))('%s nodes', (_, { days, falseAlarms }) => {
  const daysWith = (severity: 'critical' | 'warning') =>
    falseAlarms.filter(({ alarms }) =>
      ALARM_IDS.some((id) => id in alarms && ALARMS[id].severity === severity),
    );

  test('no healthy day of the table has a critical alarm, and one in a hundred a warning at most', () => {
    expect(daysWith('critical')).toEqual([]);
    expect(daysWith('warning').length).toBeLessThanOrEqual(Math.floor(days / 100));
  });
});

test.each([SIZES[0], SIZES[1]])(
  'a healthy day of each kind at %i nodes, simulated again, is that of the table',
  (nodes) => {
    for (const index of KIND_NAMES.keys()) {
      const { kind, seed } = dayAt(index);
      const known = table[nodes]?.falseAlarms.find((day) => day.kind === kind && day.seed === seed);
      expect(simulateDay(kind, nodes, seed)).toEqual(known ?? { kind, seed, alarms: {} });
    }
  },
);

test('what some days without an event prove', () => {
  expect(upperBound(0, 100)).toBeCloseTo(3, 1);
  expect(upperBound(1, 100)).toBeCloseTo(4.74, 2);
});
