import { WARNINGS } from '../../../lambda/domain/causes/warnings.ts';
import { byId, element } from './element.ts';
import { clockTime, number, utcTime } from './format.ts';
import type { Now } from './types.ts';

/** Nodes shown beside the dashboard. */
const FEW = 5;

/** What the last cycle reported, with what to do about it. */
export function showReport({ report, failure }: Now): void {
  const place = byId('report');
  if (!report && failure === undefined) {
    place.replaceChildren(element('p', { class: 'empty' }, 'No cycle has finished yet.'));
    return;
  }
  place.replaceChildren(
    element(
      'dl',
      {},
      ...(report ? factsOf(report) : []).flatMap(([name, value]) => [
        element('dt', {}, name),
        element('dd', {}, value),
      ]),
    ),
    element(
      'ul',
      { class: 'notes' },
      ...(failure === undefined ? [] : [note('failure', 'The cycle failed', failure)]),
      ...(report ? notesOf(report) : []),
    ),
  );
  showFullest(report);
}

type Report = NonNullable<Now['report']>;

function factsOf({ time, pods, metrics, published, durationsMs }: Report): readonly [string, string][] {
  return [
    ['Time', `${clockTime(Date.parse(time))} (${utcTime(Date.parse(time))})`],
    ['Nodes read', `${number(pods.read)} of ${number(pods.found)}`],
    ['Metrics', `${metrics.length}${published ? '' : ', not'} published`],
    ['Duration', `${number(durationsMs.total)} ms`],
  ];
}

function notesOf({ pods, warnings }: Report): HTMLElement[] {
  const failures = pods.failures.map(({ code, count, pods: [pod = '<pod>'], example, remedy }) =>
    note(
      'failure',
      code,
      `on ${number(count)} ${count === 1 ? 'pod' : 'pods'}: ${example}`,
      remedy.replace('<pod>', pod),
    ),
  );
  // The failures say the same in more detail.
  const others = warnings
    .filter(({ code }) => code !== 'partial-coverage')
    .map(({ code, message }) => note('warning', code, message, WARNINGS[code].remedy));
  return [...failures, ...others];
}

const note = (kind: 'failure' | 'warning', code: string, text: string, remedy?: string) =>
  element(
    'li',
    { class: kind },
    element('b', {}, code),
    ` ${text}`,
    remedy === undefined ? undefined : element('p', {}, remedy),
  );

/** The nodes nearest to exhaustion. */
function showFullest(report: Report | undefined): void {
  const rows = (report?.fullest ?? []).slice(0, FEW).map(({ node, percent, assigned, total }) => {
    const share = element('meter', {
      min: '0',
      max: '100',
      value: String(percent ?? 0),
      'aria-label': `${node}: share of its addresses in use`,
    });
    return element(
      'li',
      {},
      element('span', { title: node }, node.split('.')[0]),
      percent === null ? undefined : share,
      element('small', {}, percent === null ? 'unknown' : `${assigned} of ${total}`),
    );
  });
  byId('fullest').replaceChildren(...rows);
}
