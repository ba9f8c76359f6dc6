import { openRunbook, showAlarms } from './alarms.ts';
import { makeControls } from './controls.ts';
import { byId, element } from './element.ts';
import { dayAndTime, utcTime } from './format.ts';
import { showReport } from './report.ts';
import type { Described, Drawn, Now } from './types.ts';
import { draw } from './widgets.ts';

const HISTORY_SECONDS = 3 * 3600;
const POLL_MS = 500;

const get = async (path: string) => (await fetch(path)).json();

const described: Described = await get('/api/deployment');
const controls = makeControls(described);
const drawn = place(described);
byId('name').textContent = described.name;
document.title = described.name;
byId('mode').textContent = described.scenarios.length > 0 ? 'simulated' : 'live, read only';
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const widget of drawn) widget.redraw?.();
});
document.addEventListener('click', followRunbook);

let shown = -1;
while (true) {
  await refresh().catch(() => {
    byId('mode').textContent = 'the command has ended';
  });
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

async function refresh(): Promise<void> {
  const now: Now = await get('/api/state');
  controls.show(now);
  if (now.version === shown || now.version === 0) return;
  shown = now.version;
  const minute = Math.floor(now.now / 60_000) * 60;
  const range = { start: minute - HISTORY_SECONDS, end: minute + 60 };
  byId('clock').textContent = dayAndTime(now.now);
  byId('clock').title = utcTime(now.now);
  showAlarms(described.alarms, now, range);
  showReport(now);
  await Promise.all(drawn.map((widget) => widget.show(now, range)));
  document.body.setAttribute('data-version', String(now.version));
}

function place({ dashboard }: Described): readonly Drawn[] {
  const main = byId('dashboard');
  main.replaceChildren();
  return dashboard.widgets.map((widget) => {
    const card = element('section', { class: 'widget' });
    for (const [name, value] of Object.entries({
      x: widget.x + 1,
      y: widget.y + 1,
      w: widget.width,
      h: widget.height,
    }))
      card.style.setProperty(`--${name}`, String(value));
    main.append(card);
    return draw(widget, card);
  });
}

/** A link to the runbook opens its section here. */
function followRunbook(event: Event): void {
  const link = event.target instanceof Element ? event.target.closest('a[href*="runbook.md#"]') : undefined;
  if (!link) return;
  event.preventDefault();
  const anchor = link.getAttribute('href')?.split('#')[1] ?? '';
  const alarm = described.alarms.find(({ description }) => description.endsWith(`#${anchor}`));
  if (alarm) openRunbook(alarm);
}
