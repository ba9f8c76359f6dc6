import { holds, type Ratio } from './ratios.ts';
import { BASELINE_PODS, type Row } from './rows.ts';

const whole = (value: number) => Math.round(value).toLocaleString('en');
const times = (baseline: number | null, own: number) =>
  baseline === null ? '' : `${(baseline / own).toFixed(baseline / own < 20 ? 1 : 0)}×`;

const COLUMNS: readonly (readonly [title: string, value: (row: Row) => string])[] = [
  ['pods', ({ pods }) => whole(pods)],
  ['answer', ({ kb }) => `${kb} KB`],
  ['latency', ({ latencyMs }) => `${latencyMs} ms`],
  ['HTTP', ({ http, gzip }) => `${http}${gzip ? ' gzip' : ''}`],
  ['dead', ({ deadPercent }) => `${deadPercent} %`],
  ['cycle ms', ({ wallMs }) => whole(wallMs)],
  ['import ms', ({ importMs }) => whole(importMs)],
  ['first ms', ({ coldWallMs }) => whole(coldWallMs)],
  ['list ms', ({ listMs }) => whole(listMs)],
  ['CPU ms', ({ cpuMs }) => whole(cpuMs)],
  ['CPU µs a pod', ({ cpuPerPodUs }) => whole(cpuPerPodUs)],
  ['peak MB', ({ peakRssMb }) => whole(peakRssMb)],
  ['received MB', ({ megabytes }) => megabytes.toFixed(1)],
  ['connections', ({ connections }) => whole(connections)],
  ['server CPU ms', ({ serverCpuMs }) => whole(serverCpuMs)],
  ['serial', ({ serialWallMs, wallMs }) => times(serialWallMs, wallMs)],
  ['client-node', ({ clientNodeWallMs, wallMs }) => times(clientNodeWallMs, wallMs)],
  ['its CPU', ({ clientNodeCpuMs, cpuMs }) => times(clientNodeCpuMs, cpuMs)],
];

export function rowTable(rows: readonly Row[]): string {
  return [
    markdown(
      COLUMNS.map(([title]) => title),
      rows.map((row) => COLUMNS.map(([, value]) => value(row))),
    ),
    '',
    `Last columns: how many times as long one pod after the other takes (scaled up from ${BASELINE_PODS.serial} pods),`,
    `and @kubernetes/client-node's calls, ${BASELINE_PODS['client-node']} pods at the most, 100 at a time.`,
  ].join('\n');
}

export const microTable = (micro: Readonly<Record<string, number>>): string =>
  markdown(
    ['step', ''],
    Object.entries(micro).map(([name, value]) => [name, value < 100 ? value.toFixed(1) : whole(value)]),
  );

export const ratioTable = (ratios: readonly Ratio[]): string =>
  markdown(
    ['ratio', 'measured', 'limit', ''],
    ratios.map((ratio) => {
      const { what, measured, limit } = ratio;
      const shown = 'atLeast' in limit ? `at least ${limit.atLeast}` : `at most ${limit.atMost}`;
      return [what, measured.toFixed(2), shown, holds(ratio) ? 'holds' : 'BEYOND'];
    }),
  );

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---:')), ...rows.map(line)].join('\n');
}
