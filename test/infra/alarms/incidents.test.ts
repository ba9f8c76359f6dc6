import { describe, expect, test } from 'vitest';
import { INCIDENTS } from '../../alarm-table/incidents.ts';
import { INTERVALS, incidentsOf, readTable, SIZES, tellIncident } from '../../alarm-table/table.ts';

const table = readTable();

describe.each(Object.keys(table))('%s nodes', (nodes) => {
  test('every incident fires its own alarm within the promised time, and only those that belong to it', () => {
    const rows = table[nodes]?.incidents ?? [];
    expect(rows.map(({ what }) => what)).toEqual(
      incidentsOf(Number(nodes)).flatMap(({ what }) => INTERVALS.map(() => what)),
    );
    for (const { what, interval, minutes } of rows) {
      const incident = INCIDENTS.find((each) => each.what === what);
      if (!incident) throw new Error(`no incident ${what}`);
      const { alarm, also = [], within } = incident;
      const story = `${what}, every ${interval} min`;
      expect(minutes[alarm] ?? Number.POSITIVE_INFINITY, story).toBeLessThanOrEqual(within[interval]);
      expect([alarm, ...also], story).toEqual(expect.arrayContaining(Object.keys(minutes)));
    }
  });
});

test.each([SIZES[0], SIZES[1]])('the incidents of %i nodes, told again, are those of the table', (nodes) => {
  const again = incidentsOf(nodes).map((incident) => tellIncident(incident, nodes, 1));
  expect(again).toEqual(table[nodes]?.incidents.filter(({ interval }) => interval === 1));
});
