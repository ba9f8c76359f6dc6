import type { AlarmState } from '../../cloudwatch/alarm-evaluator.ts';
import type { StateChange } from '../../cloudwatch/alarm-states.ts';
import { commonPrefix, STATE_NAMES } from './alarm-status.ts';
import { byId, element, svgElement } from './element.ts';
import { clockTime, utcTime } from './format.ts';
import type { AlarmInfo, Now, Range } from './types.ts';
import { markdownOf } from './widgets.ts';

/** Strips shown at first. */
const FEW = 8;

let isLong = false;

/** The state of each alarm over time; those that are on, or were, come first. */
export function showAlarms(infos: readonly AlarmInfo[], now: Now, range: Range): void {
  const prefix = commonPrefix(infos.map(({ name }) => name));
  const rows = infos.map((info) => {
    const changes = now.alarms[info.name] ?? [];
    const fired = changes.filter(({ state, time }) => state === 'ALARM' && time >= range.start * 1000);
    return { info, changes, state: changes.at(-1)?.state ?? 'INSUFFICIENT_DATA', fired: fired.at(-1) };
  });
  rows.sort((a, b) => rank(b) - rank(a));
  const on = rows.filter(({ state }) => state === 'ALARM');
  const summary = byId('alarms-summary');
  const text =
    on.length === 0 ? 'No alarm is on.' : `${on.length} ${on.length === 1 ? 'alarm is' : 'alarms are'} on.`;
  if (summary.textContent !== text) summary.textContent = text;
  summary.classList.toggle('on', on.length > 0);
  const shown = isLong ? rows : rows.slice(0, Math.max(FEW, on.length));
  const focused = document.activeElement?.getAttribute('data-alarm');
  byId('alarms').replaceChildren(
    ...shown.map(({ info, changes, state, fired }) => {
      const when =
        state === 'ALARM'
          ? `since ${clockTime(changes.at(-1)?.time ?? 0)}`
          : fired
            ? `fired ${clockTime(fired.time)}`
            : STATE_NAMES[state];
      const button = element(
        'button',
        {
          type: 'button',
          class: `strip ${state}`,
          'data-alarm': info.name,
          title: fired ? `fired ${utcTime(fired.time)}` : '',
        },
        element(
          'div',
          { class: 'row' },
          element('span', {}, info.name.slice(prefix.length)),
          element('small', {}, when),
        ),
        strip(changes, range),
      );
      button.addEventListener('click', () => openRunbook(info));
      if (info.name === focused) queueMicrotask(() => button.focus());
      return element('li', {}, button);
    }),
  );
  const more = byId('more');
  more.hidden = rows.length <= FEW;
  more.textContent = isLong ? 'Show fewer' : `Show all ${rows.length} alarms`;
  more.onclick = () => {
    isLong = !isLong;
    showAlarms(infos, now, range);
  };
}

const rank = ({ state, fired }: { state: AlarmState; fired: StateChange | undefined }): number =>
  (state === 'ALARM' ? 4e12 : 0) + (fired?.time ?? 0);

function strip(changes: readonly StateChange[], { start, end }: Range): SVGElement {
  const svg = svgElement('svg', {
    viewBox: '0 0 100 8',
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  const at = (time: number) => Math.min(100, Math.max(0, (100 * (time / 1000 - start)) / (end - start)));
  for (const [index, { time, state }] of changes.entries()) {
    const from = at(time);
    const to = at(changes[index + 1]?.time ?? end * 1000);
    if (to <= from) continue;
    svg.append(svgElement('rect', { class: state, x: String(from), width: String(to - from), height: '8' }));
  }
  return svg;
}

/** The runbook's section of an alarm. */
export function openRunbook({ name, description, runbook }: AlarmInfo): void {
  const section = element('div', { class: 'prose' });
  section.innerHTML = markdownOf(runbook || '_The runbook has no section about this alarm._');
  byId('section').replaceChildren(
    element('p', { class: 'context' }, element('b', {}, name), element('br'), description),
    section,
  );
  const dialog = byId('runbook');
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}
