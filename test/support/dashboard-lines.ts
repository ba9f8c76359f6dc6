import type { DashboardBody } from './dashboard-schema.ts';

/** One metric that a widget reads, shown or only used by an expression. */
export interface Line {
  readonly widget: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
  /** Label of the axis it is drawn on; undefined where the widget has no axes. */
  readonly axis: string | undefined;
  /** Whether only an expression shows it. */
  readonly hidden: boolean;
}

export function linesOf({ widgets }: DashboardBody): Line[] {
  return widgets.flatMap((widget) => {
    if (widget.type !== 'metric') return [];
    const { metrics, yAxis, title } = widget.properties;
    return metrics.flatMap((parts) => {
      const [namespace, name, ...dimensions] = parts.filter((part) => typeof part === 'string');
      const rendering = parts.find((part) => typeof part === 'object');
      if (namespace === undefined || name === undefined) return [];
      return [
        {
          widget: title,
          namespace,
          name,
          dimensions: Object.fromEntries(
            dimensions.flatMap((part, index) =>
              index % 2 === 0 ? [[part, dimensions[index + 1] ?? '']] : [],
            ),
          ),
          statistic: rendering?.stat ?? 'Average',
          period: rendering?.period ?? 300,
          axis: yAxis?.[rendering?.yAxis ?? 'left']?.label,
          hidden: rendering?.visible === false,
        },
      ];
    });
  });
}
