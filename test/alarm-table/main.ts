import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { INCIDENTS } from './incidents.ts';
import {
  dayAt,
  INTERVALS,
  type IncidentRow,
  readTable,
  SIZES,
  type SizeRows,
  simulateDay,
  simulateIncident,
  TABLE_FILE,
  type Table,
} from './table.ts';

/**
 * `npm run alarms -- [incidents | days] [--nodes N] [--days D] [--continue]`: simulates every incident and D healthy days of a
 * cluster of N nodes, or of every size, and writes them into table.json, day by day. `--continue` goes on after the
 * days that are there.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: 'string' },
    days: { type: 'string', default: '104' },
    continue: { type: 'boolean', default: false },
  },
});
const parts = positionals.length === 0 ? ['incidents', 'days'] : positionals;
const sizes = values.nodes === undefined ? SIZES : [Number(values.nodes)];
const NOTHING: SizeRows = { days: 0, falseAlarms: [], incidents: [] };

/** Reads the table again: another process may have written another size. */
function write(nodes: number, change: Partial<SizeRows>): void {
  const before = readTable();
  const table: Table = { ...before, [nodes]: { ...NOTHING, ...before[nodes], ...change } };
  writeFileSync(TABLE_FILE, `${JSON.stringify(table, null, 2)}\n`);
}

function simulateDays(nodes: number): void {
  const known = (values.continue && readTable()[nodes]) || NOTHING;
  const falseAlarms = [...known.falseAlarms];
  for (let index = known.days; index < Number(values.days); index += 1) {
    const { kind, seed } = dayAt(index);
    const day = simulateDay(kind, nodes, seed);
    if (Object.keys(day.alarms).length > 0) falseAlarms.push(day);
    write(nodes, { days: index + 1, falseAlarms });
    console.log(
      `${nodes} nodes, day ${index + 1}, ${kind}: ${Object.keys(day.alarms).join(', ') || 'quiet'}`,
    );
  }
}

function simulateIncidents(nodes: number): void {
  const incidents: IncidentRow[] = [];
  for (const incident of INCIDENTS) {
    incidents.push(...INTERVALS.map((interval) => simulateIncident(incident, nodes, interval)));
    write(nodes, { incidents });
    console.log(`${nodes} nodes, ${incident.what}`);
  }
}

for (const nodes of sizes) {
  if (parts.includes('incidents')) simulateIncidents(nodes);
  if (parts.includes('days')) simulateDays(nodes);
}
