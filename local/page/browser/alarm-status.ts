import type { AlarmState } from '../../cloudwatch/alarm-evaluator.ts';
import { element } from './element.ts';
import { clockTime, utcTime } from './format.ts';
import type { Drawn } from './types.ts';

export const STATE_NAMES: Readonly<Record<AlarmState, string>> = {
  ALARM: 'In alarm',
  OK: 'OK',
  INSUFFICIENT_DATA: 'Insufficient data',
};

/** The state of each alarm; those that are on come first. */
export function alarmStatus(
  { title, alarms: arns }: { title: string; alarms: readonly string[] },
  place: HTMLElement,
): Drawn {
  const list = element('ul', { class: 'chips', tabindex: '0', 'aria-label': title });
  place.append(element('h2', {}, title), list);
  const names = arns.map((arn) => arn.split(':alarm:')[1] ?? arn);
  const prefix = commonPrefix(names);
  const rank = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };
  return {
    show({ alarms: changes }) {
      const states = names.map((name) => {
        const latest = changes[name]?.at(-1);
        return { name, time: latest?.time ?? 0, state: latest?.state ?? 'INSUFFICIENT_DATA' };
      });
      states.sort((a, b) => rank[a.state] - rank[b.state] || b.time - a.time);
      list.replaceChildren(
        ...states.map(({ name, state, time }) =>
          element(
            'li',
            { class: `chip ${state}`, title: time ? `since ${utcTime(time)}` : '' },
            element('b', {}, name.slice(prefix.length)),
            ` ${STATE_NAMES[state]}${state === 'ALARM' ? ` since ${clockTime(time)}` : ''}`,
          ),
        ),
      );
    },
  };
}

/** What all names begin with, up to a hyphen. */
export function commonPrefix(names: readonly string[]): string {
  const [first = ''] = names;
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, first.lastIndexOf('-', length - 1) + 1);
}
