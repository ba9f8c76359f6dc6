import { COUNTERS, LATENCY, START_TIME_FAMILY } from '../../lambda/domain/catalog.ts';
import type { Process } from '../simulation/process.ts';
import { seriesText } from '../simulation/series.ts';
import { STATIC_FACTS } from '../simulation/static-families.ts';

/** Writes one family of counters of a process; '' where it exposes none. */
type Render = (counters: readonly number[]) => string;

const FAMILIES: readonly Render[] = COUNTERS.flatMap(({ family, select }, whole): Render[] => {
  if (select) return [];
  const part = COUNTERS.findIndex((other) => other.family === family && other.select);
  const selection = COUNTERS[part]?.select;
  if (!selection) return [(counters) => line(family, counters[whole])];
  const { label, is, values } = selection;
  const [named, other] = [values[0] ?? '', 'other'].map((value) => seriesText(family, { [label]: value }));
  return [
    (counters) => {
      const selected = counters[part] || 0;
      const rest = (counters[whole] ?? Number.NaN) - selected;
      const [first, second] = is === 'one-of' ? [selected, rest] : [rest, selected];
      return Number.isNaN(rest) ? '' : line(named, first) + line(other, second);
    },
  ];
});

const line = (series = '', value = Number.NaN): string => (Number.isNaN(value) ? '' : `${series} ${value}\n`);

/** Families with labels stand at 0 before their first event: a recent CNI has them all. */
const BUILD = `awscni_build_info{version="${STATIC_FACTS.version}"} 1\n`;

const CALLS = `${LATENCY.family}_count`;
const MILLISECONDS = `${LATENCY.family}_sum`;

/**
 * The counters of a pod in the text format, in the order in which ipamd writes them, with only the series that the
 * catalog distinguishes. A day has 288,000 answers: with gauges, other families and every label it would take minutes.
 */
export function counterText({ startTime, counters, byApi }: Process): string {
  let text = BUILD + line(START_TIME_FAMILY, startTime);
  for (const render of FAMILIES) text += render(counters);
  if (byApi.length === 0) return text;
  let [calls, ms] = [0, 0];
  for (const { count, sum } of byApi) {
    calls += count;
    ms += sum;
  }
  return text + line(MILLISECONDS, ms) + line(CALLS, calls);
}
