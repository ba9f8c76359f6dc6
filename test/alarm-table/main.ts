import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  dayAt,
  INTERVALS,
  incidentsOf,
  readTable,
  SIZES,
  type SizeRows,
  TABLE_FILE,
  type Table,
  tellDay,
  tellIncident,
} from './table.ts';

/**
 * `npm run alarms -- [--nodes N] [--days D]`: tells D healthy days and every incident of a cluster of N nodes, or of
 * every size, and writes them into table.json. A day of 3,000 nodes takes a minute and a half of one core.
 */
const { values } = parseArgs({
  options: { nodes: { type: 'string' }, days: { type: 'string', default: '102' } },
});
const sizes = values.nodes === undefined ? SIZES : [Number(values.nodes)];
const days = Number(values.days);

for (const nodes of sizes) {
  const told = Array.from({ length: days }, (_, index) => {
    const { kind, seed } = dayAt(index);
    const day = tellDay(kind, nodes, seed);
    if (Object.keys(day.alarms).length > 0) console.log(nodes, kind, seed, JSON.stringify(day.alarms));
    return day;
  });
  const incidents = incidentsOf(nodes).flatMap((incident) =>
    INTERVALS.map((interval) => tellIncident(incident, nodes, interval)),
  );
  const rows: SizeRows = {
    days,
    falseAlarms: told.filter(({ alarms }) => Object.keys(alarms).length > 0),
    incidents,
  };
  // Read again: another size may have been told meanwhile.
  const table: Table = { ...readTable(), [nodes]: rows };
  writeFileSync(TABLE_FILE, `${JSON.stringify(table, null, 2)}\n`);
  console.log(`${nodes} nodes: ${days} healthy days, false alarms in ${rows.falseAlarms.length}`);
}
