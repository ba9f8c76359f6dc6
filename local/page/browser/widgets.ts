import { marked } from 'marked';
import { alarmStatus } from './alarm-status.ts';
import { Chart } from './chart.ts';
import { element } from './element.ts';
import { logTable } from './log-table.ts';
import { dataOf, Refusal } from './queries.ts';
import { singleValue } from './single-value.ts';
import type { Drawn, MetricWidget, Widget } from './types.ts';

/** Draws a widget, or says in its place why it cannot. */
export function draw(widget: Widget, place: HTMLElement): Drawn {
  const refuse = (error: unknown) => {
    place.classList.add('unknown');
    place.replaceChildren(
      element('p', { class: 'empty' }, error instanceof Error ? error.message : String(error)),
    );
  };
  try {
    const { show, ...rest } = drawn(widget, place);
    const showOrRefuse: Drawn['show'] = async (now, range) => {
      try {
        await show(now, range);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refuse(error);
      }
    };
    return { ...rest, show: showOrRefuse };
  } catch (error) {
    refuse(error);
    return { show: () => undefined };
  }
}

function drawn(widget: Widget, place: HTMLElement): Drawn {
  switch (widget.type) {
    case 'text':
      return text(widget.properties.markdown, place);
    case 'alarm':
      return alarmStatus(widget.properties, place);
    case 'log':
      return logTable(widget.properties.title, widget.properties.query, place);
    case 'metric':
      if (widget.properties.view === 'singleValue') return singleValue(widget, place);
      if (widget.properties.view === 'timeSeries') return series(widget, place);
      throw new Error(`This page does not know metrics as ${widget.properties.view}`);
    default:
      throw new Error(`This page does not know ${JSON.stringify(widget)}`);
  }
}

function text(markdown: string, place: HTMLElement): Drawn {
  const isHeading = /^## .+$/.test(markdown);
  place.classList.add(isHeading ? 'heading' : 'text');
  const prose = element('div', { class: 'prose', tabindex: '0' });
  if (isHeading) place.append(element('h2', {}, markdown.slice(3)));
  else {
    prose.innerHTML = markdownOf(markdown);
    for (const heading of prose.querySelectorAll('h1')) {
      const lower = element('h2', {}, heading.textContent ?? '');
      heading.replaceWith(lower);
    }
    place.append(prose);
  }
  return { show: () => undefined };
}

/** Of the dashboard and the runbook, which this project writes; links to the runbook are answered by the page. */
export const markdownOf = (markdown: string): string => marked.parse(markdown, { async: false });

function series(widget: MetricWidget, place: HTMLElement): Drawn {
  const chart = new Chart(widget, place);
  return {
    show: async ({ controls }, range) =>
      chart.show(await dataOf(widget, range), {
        ...range,
        moments: controls?.begun.map(({ time }) => time / 1000) ?? [],
      }),
    redraw: () => chart.redraw(),
  };
}
