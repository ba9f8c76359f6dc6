import type { Range } from './chart.ts';
import { element } from './element.ts';
import { colorOf, number, withUnit } from './format.ts';
import { dataOf } from './queries.ts';
import type { Data, Drawn, MetricWidget } from './types.ts';

const SVG = 'http://www.w3.org/2000/svg';

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
          const isPercent = label === '%';
          return element(
            'div',
            {},
            element(
              'strong',
              {},
              latest === undefined ? '–' : isPercent ? withUnit(latest, '%') : number(latest),
            ),
            element('span', {}, isPercent ? 'of held addresses' : label),
          );
        }),
      );
    },
  };
}

function sparkline({ points, color }: Data, { start, end }: Range): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('viewBox', '0 0 100 30');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  const values = [...points];
  const [lowest, highest] = [
    Math.min(...values.map(([, value]) => value)),
    Math.max(...values.map(([, value]) => value)),
  ];
  const x = (time: number) => (100 * (time - start)) / (end - start);
  const y = (value: number) => (highest === lowest ? 15 : 26 - (22 * (value - lowest)) / (highest - lowest));
  const line = document.createElementNS(SVG, 'path');
  const path = values.map(([time, value]) => `${x(time).toFixed(2)},${y(value).toFixed(2)}`).join('L');
  const [first = [start]] = values;
  const last = values.at(-1)?.[0] ?? end;
  if (path)
    line.setAttribute('d', `M${x(first[0] ?? start).toFixed(2)},30L${path}L${x(last).toFixed(2)},30Z`);
  line.setAttribute('fill', colorOf(0, color));
  svg.append(line);
  return svg;
}
