import { element, svgElement } from './element.ts';
import { colorOf, withUnit } from './format.ts';
import { dataOf } from './queries.ts';
import type { Data, Drawn, MetricWidget, Range } from './types.ts';

/** The latest value of each metric, large, over a small graph of the first one. */
export function singleValue(widget: MetricWidget, place: HTMLElement): Drawn {
  place.classList.add('single');
  const figures = element('div', { class: 'figures' });
  place.append(element('h2', {}, widget.properties.title), figures);
  return {
    async show(_, range) {
      const data = await dataOf(widget, range);
      place.querySelector('svg')?.remove();
      if (widget.properties.sparkline && data[0]) place.append(sparkline(data[0], range));
      figures.replaceChildren(
        ...data.map(({ label, points }) => {
          const latest = [...points.values()].at(-1);
          const unit = label.startsWith('% ') ? '%' : '';
          return element(
            'div',
            {},
            element('strong', {}, latest === undefined ? '–' : withUnit(latest, unit)),
            element('span', {}, label.slice(unit.length).trim()),
          );
        }),
      );
    },
  };
}

function sparkline({ points, color }: Data, { start, end }: Range): SVGElement {
  const svg = svgElement('svg', {
    class: 'spark',
    viewBox: '0 0 100 30',
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  const values = [...points];
  const [lowest, highest] = [
    Math.min(...values.map(([, value]) => value)),
    Math.max(...values.map(([, value]) => value)),
  ];
  const x = (time: number) => (100 * (time - start)) / (end - start);
  const y = (value: number) => (highest === lowest ? 15 : 26 - (22 * (value - lowest)) / (highest - lowest));
  const path = values.map(([time, value]) => `${x(time).toFixed(2)},${y(value).toFixed(2)}`).join('L');
  const [first = [start]] = values;
  const last = values.at(-1)?.[0] ?? end;
  const d = path && `M${x(first[0] ?? start).toFixed(2)},30L${path}L${x(last).toFixed(2)},30Z`;
  svg.append(svgElement('path', { d, fill: colorOf(0, color) }));
  return svg;
}
