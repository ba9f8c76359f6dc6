import uPlot from 'uplot';
import { drawMarks, drawMoments } from './chart-marks.ts';
import { byId, element, swatch } from './element.ts';
import { clockTime, colorOf, dayAndTime, number, styled, utcTime, withUnit } from './format.ts';
import type { Axis, Data, Mark, MetricWidget, Range } from './types.ts';

interface Shown extends Range {
  /** Epoch seconds at which a scenario was chosen. */
  readonly moments: readonly number[];
}

/** A time series widget. Cursors of all charts move together. */
export class Chart {
  readonly #widget: MetricWidget;
  readonly #plot = element('div', { class: 'plot', tabindex: '0', role: 'img' });
  readonly #legend = element('ul', { class: 'legend' });
  #chart: uPlot | undefined;
  #shape = '';
  #data: readonly Data[] = [];
  #range: Shown = { start: 0, end: 1, moments: [] };

  constructor(widget: MetricWidget, place: HTMLElement) {
    this.#widget = widget;
    place.append(element('h2', {}, widget.properties.title), this.#plot, this.#legend);
    new ResizeObserver(() => this.#fit()).observe(this.#plot);
    this.#plot.addEventListener('keydown', (event) => this.#moveCursor(event));
    this.#plot.addEventListener('blur', () => this.#hideTip());
  }

  /** In other colors. */
  redraw(): void {
    this.#shape = '';
    this.show(this.#data, this.#range);
  }

  show(data: readonly Data[], range: Shown): void {
    this.#data = data;
    this.#range = range;
    const times = [...new Set(data.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b);
    const values = data.map(({ points }) => times.map((time) => points.get(time) ?? null));
    const shape = JSON.stringify(data.map(({ label, side }) => [label, side]));
    if (shape !== this.#shape || !this.#chart) {
      this.#chart?.destroy();
      this.#plot.replaceChildren();
      this.#chart = new uPlot(this.#options(), [times, ...values], this.#plot);
      this.#shape = shape;
    } else {
      this.#chart.setData([times, ...values], false);
    }
    this.#chart.setScale('x', { min: range.start, max: range.end });
    this.#describe();
  }

  #options(): uPlot.Options {
    const { yAxis = {}, annotations, stacked } = this.#widget.properties;
    const [grid, quiet, card] = [styled('grid'), styled('quiet'), styled('card')];
    const font = '11px system-ui, "DejaVu Sans", sans-serif';
    const axis = { stroke: quiet, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    const marks = annotations?.horizontal ?? [];
    const hasRight = this.#data.some(({ side }) => side === 'right');
    const scale = (side: 'left' | 'right', own: Axis = {}) => ({
      range: (_: uPlot, __: number, highest: number): [number, number] => [
        own.min ?? 0,
        own.max ?? topOf(Math.max(highest ?? 0, ...(side === 'left' ? nearMarks(marks, highest ?? 0) : []))),
      ],
    });
    const side = (name: 'left' | 'right') => ({
      ...axis,
      scale: name,
      side: name === 'left' ? 3 : 1,
      size: 44,
      grid: { ...axis.grid, show: name === 'left' },
      values: (_: uPlot, splits: number[]) => compact(splits),
    });
    return {
      width: Math.max(80, this.#plot.clientWidth),
      height: Math.max(60, this.#plot.clientHeight),
      legend: { show: false },
      padding: [6, hasRight ? 0 : 10, 0, 0],
      cursor: {
        sync: { key: 'dashboard' },
        drag: { x: false, y: false },
        points: { size: 6, fill: card },
        y: false,
      },
      scales: { x: { time: true }, left: scale('left', yAxis.left), right: scale('right', yAxis.right) },
      axes: [
        {
          ...axis,
          size: 22,
          space: 46,
          grid: { show: false },
          values: (_, splits) => splits.map((time) => clockTime(time * 1000)),
        },
        side('left'),
        ...(hasRight ? [side('right')] : []),
      ],
      series: [
        {},
        ...this.#data.map(({ label, color, side: scaleKey }, index) => ({
          label,
          scale: scaleKey,
          stroke: colorOf(index, color),
          width: 1.75,
          points: { show: this.#data.every(({ points }) => points.size < 3), size: 5 },
          spanGaps: false,
          ...(stacked && { fill: `${colorOf(index, color)}55` }),
        })),
      ],
      hooks: {
        draw: [
          (chart) => {
            drawMoments(chart, this.#range.moments, quiet);
            if (this.#data.some(({ points }) => points.size > 0)) drawMarks(chart, marks);
          },
        ],
        setCursor: [(chart) => this.#showTip(chart)],
      },
    };
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#plot;
    if (width > 0 && height > 0) this.#chart?.setSize({ width, height });
  }

  /** The legend with latest values, the empty state, and the same in words. */
  #describe(): void {
    const unit = this.#widget.properties.yAxis?.left?.label ?? '';
    const texts = this.#data.map(({ label, points, side }) => {
      const values = [...points.values()];
      const latest = values.at(-1);
      if (latest === undefined) return `${label}: no data`;
      const axis = side === 'left' ? unit : '';
      return `${label}: ${withUnit(latest, axis)}, lowest ${number(Math.min(...values))}, highest ${number(Math.max(...values))}`;
    });
    this.#plot.setAttribute('aria-label', `${this.#widget.properties.title} (${unit}). ${texts.join('. ')}`);
    this.#legend.replaceChildren(
      ...this.#data.map(({ label, color, points, side }, index) => {
        const latest = [...points.values()].at(-1);
        return element(
          'li',
          {},
          swatch(colorOf(index, color)),
          `${label} `,
          element('b', {}, latest === undefined ? '–' : withUnit(latest, side === 'left' ? unit : '')),
        );
      }),
    );
    this.#plot.querySelector('.none')?.remove();
    const reason = emptyReason(this.#data, isWorstAtZero(this.#widget));
    if (reason) this.#plot.append(element('div', { class: 'none' }, element('span', {}, reason)));
    this.#plot.setAttribute(
      'data-points',
      String(this.#data.reduce((total, { points }) => total + points.size, 0)),
    );
  }

  #showTip(chart: uPlot): void {
    const index = chart.cursor.idx;
    const isMine = chart.over.matches(':hover') || document.activeElement === this.#plot;
    if (!isMine) return;
    if (index === null || index === undefined || (chart.cursor.left ?? -1) < 0) {
      this.#hideTip();
      return;
    }
    const time = (chart.data[0][index] ?? 0) * 1000;
    const tip = byId('tip');
    tip.replaceChildren(
      element('small', {}, `${dayAndTime(time)} · ${utcTime(time)}`),
      ...this.#data.map(({ label, color, side }, line) => {
        const value = chart.data[line + 1]?.[index];
        const unit = side === 'left' ? this.#widget.properties.yAxis?.left?.label : '';
        return element(
          'div',
          {},
          element('span', {}, swatch(colorOf(line, color)), label),
          element('b', {}, typeof value === 'number' ? withUnit(value, unit) : '–'),
        );
      }),
    );
    tip.hidden = false;
    const box = chart.over.getBoundingClientRect();
    const left = box.left + (chart.cursor.left ?? 0) + 14;
    tip.style.left = `${Math.min(left, innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.max(4, Math.min(box.top + 10, innerHeight - tip.offsetHeight - 8))}px`;
  }

  #hideTip(): void {
    byId('tip').hidden = true;
  }

  #moveCursor(event: KeyboardEvent): void {
    const chart = this.#chart;
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!chart || step === 0) return;
    event.preventDefault();
    const last = chart.data[0].length - 1;
    const index = Math.min(last, Math.max(0, (chart.cursor.idx ?? last + (step < 0 ? 1 : 0)) + step));
    chart.setCursor({ left: chart.valToPos(chart.data[0][index] ?? 0, 'x'), top: 10 });
  }
}

/** Why there is nothing to see, in words that fit a healthy cluster. */
function emptyReason(data: readonly Data[], zeroIsWorst: boolean): string | undefined {
  const values = data.flatMap(({ points }) => [...points.values()]);
  if (values.length === 0) return 'Nothing published in these three hours';
  return !zeroIsWorst && values.every((value) => value === 0) ? 'None in three hours' : undefined;
}

/** What is left of something is watched by its minimum. */
const isWorstAtZero = ({ properties }: MetricWidget): boolean =>
  properties.metrics.some((line) => line.some((part) => typeof part === 'object' && part.stat === 'Minimum'));

const topOf = (highest: number): number => (highest <= 0 ? 1 : highest * 1.15);
/** Thresholds in the picture: those that the values come near, and those that they should not fall below. */
const nearMarks = (marks: readonly Mark[], highest: number): number[] =>
  marks.filter(({ value, fill }) => value <= highest * 2 || fill === 'below').map(({ value }) => value);

/** All labels of an axis in thousands, or none. */
const compact = (splits: readonly number[]): string[] =>
  splits.some((value) => value >= 10_000)
    ? splits.map((value) => (value === 0 ? '0' : `${number(value / 1000)}k`))
    : splits.map(number);
