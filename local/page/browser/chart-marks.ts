import type uPlot from 'uplot';
import type { Mark } from './types.ts';

/** Vertical lines where a scenario begins, so that one sees before and after. */
export function drawMoments({ ctx, bbox, valToPos }: uPlot, moments: readonly number[], color: string): void {
  ctx.save();
  ctx.strokeStyle = color;
  ctx.setLineDash([2 * devicePixelRatio, 2 * devicePixelRatio]);
  for (const moment of moments) {
    const x = valToPos(moment, 'x', true);
    if (x < bbox.left) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

const LABEL_PX = 12;

/** Thresholds of the left axis, with their labels: inside the chart, and above one another where they are close. */
export function drawMarks({ ctx, bbox, valToPos }: uPlot, marks: readonly Mark[]): void {
  const height = LABEL_PX * devicePixelRatio;
  const sorted = marks.toSorted((a, b) => a.value - b.value);
  const labels: number[] = [];
  for (const { value } of sorted)
    labels.push(Math.min(valToPos(value, 'left', true) - height / 4, (labels.at(-1) ?? Infinity) - height));
  const beyondTop = Math.max(0, bbox.top + height - (labels.at(-1) ?? Infinity));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${10 * devicePixelRatio}px system-ui, "DejaVu Sans", sans-serif`;
  ctx.textAlign = 'right';
  for (const [index, { value, label = '', color = '#d13212', fill }] of sorted.entries()) {
    const y = valToPos(value, 'left', true);
    ctx.strokeStyle = color;
    ctx.fillStyle = color;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText(label, bbox.left + bbox.width - 4, (labels[index] ?? y) + beyondTop);
    if (fill === 'below' || fill === 'above') {
      ctx.globalAlpha = 0.08;
      if (fill === 'below') ctx.fillRect(bbox.left, y, bbox.width, bbox.top + bbox.height - y);
      else ctx.fillRect(bbox.left, bbox.top, bbox.width, y - bbox.top);
      ctx.globalAlpha = 1;
    }
  }
  ctx.restore();
}
