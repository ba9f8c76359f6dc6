import { byId, element } from './element.ts';
import type { Described, Now } from './types.ts';

/** Names of SPEEDS, as a person reads them. */
const SPEED_LABELS = {
  slow: 'every 5 s',
  normal: 'every 3 s',
  fast: '2 a second',
  fastest: 'as fast as possible',
};

async function send(change: Readonly<Record<string, unknown>>): Promise<void> {
  await fetch('/api/control', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
}

/** Scenario, speed and pause; only of a simulated cluster. */
export function makeControls({ scenarios }: Described): { show(now: Now): void } {
  const select = byId('scenario');
  const pause = byId('pause');
  if (scenarios.length === 0 || !(select instanceof HTMLSelectElement)) return { show: () => undefined };
  byId('controls').hidden = false;
  select.replaceChildren(...scenarios.map(({ name, title }) => element('option', { value: name }, title)));
  select.addEventListener('change', () => send({ scenario: select.value }));
  let paused = false;
  pause.addEventListener('click', () => send({ paused: !paused }));
  const speeds = Object.entries(SPEED_LABELS).map(([speed, label]) => {
    const input = element('input', { type: 'radio', name: 'speed', value: speed });
    input.addEventListener('change', () => send({ speed }));
    byId('speeds').append(element('label', {}, input, element('span', {}, label)));
    return input;
  });
  return {
    show({ controls }) {
      if (!controls) return;
      paused = controls.paused;
      if (document.activeElement !== select) select.value = controls.scenario;
      for (const input of speeds) input.checked = input.value === controls.speed;
      pause.textContent = paused ? 'Resume' : 'Pause';
      pause.setAttribute('aria-pressed', String(paused));
      const { reached } = controls;
      const rate = reached >= 10 ? Math.round(reached) : reached.toFixed(1);
      byId('reached').textContent = paused ? 'paused' : reached > 0 ? `${rate} simulated min/s` : '';
      byId('about').textContent = scenarios.find(({ name }) => name === controls.scenario)?.about ?? '';
    },
  };
}
