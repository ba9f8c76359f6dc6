import type { ColdStart } from './cold-start.ts';
import { BASELINES } from './protocol.ts';
import { holds, type Ratio } from './ratios.ts';
import { BASELINE_PODS, type Row } from './rows.ts';

const whole = (value: number) => Math.round(value).toLocaleString('en');
const times = (baseline: number | undefined, own: number) =>
  baseline === undefined ? '' : `${(baseline / own).toFixed(baseline / own < 20 ? 1 : 0)}×`;

type Column = readonly [title: string, value: (row: Row) => string];

const COLUMNS: readonly Column[] = [
  ['pods', ({ pods }) => whole(pods)],
  ['answer', ({ kb }) => `${kb} KB`],
  ['latency', ({ latencyMs }) => `${latencyMs} ms`],
  ['via', ({ via }) => via],
  ['HTTP', ({ via, http, gzip }) => `${via === 'node' ? 'h1.1' : http}${gzip ? ' gzip' : ''}`],
  ['dead', ({ deadPercent }) => `${deadPercent} %`],
  ['cycle ms', ({ wallMs }) => whole(wallMs)],
  ['import ms', ({ importMs }) => whole(importMs)],
  ['first ms', ({ coldWallMs }) => whole(coldWallMs)],
  ['first with state ms', ({ coldWithStateMs }) => whole(coldWithStateMs)],
  ['list ms', ({ listMs }) => whole(listMs)],
  ['CPU ms', ({ cpuMs }) => whole(cpuMs)],
  ['CPU µs a pod', ({ cpuPerPodUs }) => whole(cpuPerPodUs)],
  ['peak MB', ({ peakRssMb }) => whole(peakRssMb)],
  ['received MB', ({ megabytes }) => megabytes.toFixed(1)],
  ['connections', ({ connections }) => whole(connections)],
  ['server CPU ms', ({ serverCpuMs }) => whole(serverCpuMs)],
  ...BASELINES.flatMap((baseline): Column[] => [
    [baseline, ({ baselines, wallMs }) => times(baselines?.[baseline].wallMs, wallMs)],
    ['its CPU', ({ baselines, cpuMs }) => times(baselines?.[baseline].cpuMs, cpuMs)],
  ]),
];

export function rowTable(rows: readonly Row[]): string {
  return [
    markdown(
      COLUMNS.map(([title]) => title),
      rows.map((row) => COLUMNS.map(([, value]) => value(row))),
    ),
    '',
    `Last columns: how many times as long, and as much CPU, other ways need: one pod after the other (scaled up from`,
    `${BASELINE_PODS.serial} pods), the calls of @kubernetes/client-node (from ${BASELINE_PODS['client-node']} pods) and undici with HTTP/2, both 100 at a time.`,
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

export function coldStartTable(builds: readonly ColdStart[]): string {
  const [own, other] = builds;
  const ratio = (value: (build: ColdStart) => number) =>
    own && other ? (value(own) / value(other)).toFixed(2) : '';
  const both = ({ importMs, firstCycleMs }: ColdStart) => importMs + firstCycleMs;
  return markdown(
    ['build', 'import ms', 'first cycle ms', 'together ms'],
    [
      ...builds.map((build) => [
        build.what,
        whole(build.importMs),
        whole(build.firstCycleMs),
        whole(both(build)),
      ]),
      ['ratio', ratio(({ importMs }) => importMs), ratio(({ firstCycleMs }) => firstCycleMs), ratio(both)],
    ],
  );
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---:')), ...rows.map(line)].join('\n');
}
