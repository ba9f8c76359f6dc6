import { describe, expect, test } from 'vitest';
import { INCIDENTS } from '../../alarm-table/incidents.ts';
import { DELIVERY_MINUTES, INTERVALS, readTable, SIZES, simulateIncident } from '../../alarm-table/table.ts';

const table = readTable();

test('the table has every size', () => {
  expect(Object.keys(table)).toEqual(SIZES.map(String));
});

describe.each(Object.keys(table))('%s nodes', (nodes) => {
  test('every incident fires its own alarm within the promised time, and only those that belong to it', () => {
    const rows = table[nodes]?.incidents ?? [];
    expect(rows.map(({ what }) => what)).toEqual(INCIDENTS.flatMap(({ what }) => INTERVALS.map(() => what)));
    for (const { what, interval, minutes } of rows) {
      const incident = INCIDENTS.find((each) => each.what === what);
      if (!incident) throw new Error(`no incident ${what}`);
      const { alarm, also = [], within } = incident;
      const message = `${what}, every ${interval} min`;
      const delivered = (minutes[alarm] ?? Number.POSITIVE_INFINITY) + DELIVERY_MINUTES;
      expect(delivered, message).toBeLessThanOrEqual(within[interval]);
      expect([alarm, ...also], message).toEqual(expect.arrayContaining(Object.keys(minutes)));
    }
  });

  test('no incident sends more than two messages', () => {
    for (const { what, interval, messages } of table[nodes]?.incidents ?? [])
      expect(messages, `${what}, every ${interval} min`).toBeLessThanOrEqual(2);
  });
});

test.each([SIZES[0], SIZES[1]])(
  'the incidents of %i nodes, simulated again, are those of the table',
  (nodes) => {
    const again = INCIDENTS.map((incident) => simulateIncident(incident, nodes, 1));
    expect(again).toEqual(table[nodes]?.incidents.filter(({ interval }) => interval === 1));
  },
);

test('one full node of 3,000, simulated again, is that of the table: its alarm and no other', () => {
  const [incident] = INCIDENTS;
  if (!incident) throw new Error('no incidents');
  const again = simulateIncident(incident, 3_000, 1);
  expect(Object.keys(again.minutes)).toEqual([incident.alarm]);
  expect(table[3_000]?.incidents[0]).toEqual(again);
});
