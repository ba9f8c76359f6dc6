import { parseArgs } from 'node:util';
import { type Day, simulateDay } from './day.ts';

/** `npm run accuracy`: a simulated day, and whether every counter was exact. */
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const day = await simulateDay({ cycles: 1_440, nodes: 200, seed: 1 });

process.stdout.write(values.json ? `${JSON.stringify(day, undefined, 2)}\n` : asText(day));
process.exitCode = day.counters.every(({ error }) => error === 0) ? 0 : 1;

function asText({ counters, happened }: Day): string {
  const number = (value: number) => value.toLocaleString('en');
  const rows = counters.map(({ name, events, published, unseen, error, helperError }) => [
    name,
    ...[events, published, unseen, error].map(number),
    helperError === null ? '-' : number(helperError),
  ]);
  const header = ['counter', 'events', 'published', 'unseen', 'error', "error of AWS's helper"];
  return `${columns([header, ...rows])}\n\n${columns(Object.entries(happened).map(([what, times]) => [what, number(times)]))}\n`;
}

/** The first column to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ')).join('\n');
}
