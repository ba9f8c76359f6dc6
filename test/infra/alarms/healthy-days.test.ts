import { expect, test } from 'vitest';
import { ALARMS, type AlarmId } from '../../../infra/alarms/definitions.ts';
import { KIND_NAMES } from '../../alarm-table/healthy-days.ts';
import { dayAt, daysOf, readTable, SIZES, tellDay, upperBound } from '../../alarm-table/table.ts';

const table = readTable();
const falseAlarms = Object.values(table).flatMap((rows) => rows.falseAlarms);
const withSeverity = (severity: 'critical' | 'warning') =>
  falseAlarms.filter(({ alarms }) =>
    Object.keys(alarms).some((id) => ALARMS[id as AlarmId].severity === severity),
  );

test('no healthy day of the table has a critical alarm, and one in a hundred a warning at most', () => {
  expect(withSeverity('critical')).toEqual([]);
  expect(withSeverity('warning').length).toBeLessThanOrEqual(daysOf(table) / 100);
});

test.each([SIZES[0], SIZES[1]])(
  'a healthy day of each kind at %i nodes, told again, is that of the table',
  (nodes) => {
    for (const index of KIND_NAMES.keys()) {
      const { kind, seed } = dayAt(index);
      const known = table[nodes]?.falseAlarms.find((day) => day.kind === kind && day.seed === seed);
      expect(tellDay(kind, nodes, seed)).toEqual(known ?? { kind, seed, alarms: {} });
    }
  },
);

test('what some days without an event prove', () => {
  expect(upperBound(0, 100)).toBeCloseTo(3, 1);
  expect(upperBound(1, 100)).toBeCloseTo(4.74, 2);
});
