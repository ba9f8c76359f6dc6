import type { Report } from '../../../lambda/collect/report.ts';
import type { StateChange } from '../../cloudwatch/alarm-states.ts';

/** A line of a metric widget: namespace, name, dimensions, and at the end how it is drawn. */
type MetricLine = readonly (string | Rendering)[];
export interface Rendering {
  readonly id?: string;
  readonly expression?: string;
  readonly label?: string;
  readonly period?: number;
  readonly stat?: string;
  readonly color?: string;
  readonly visible?: boolean;
  readonly yAxis?: 'left' | 'right';
}
export interface Axis {
  readonly label?: string;
  readonly min?: number;
  readonly max?: number;
}
export interface Mark {
  readonly value: number;
  readonly label?: string;
  readonly color?: string;
  readonly fill?: 'above' | 'below' | 'none';
}
interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface MetricWidget extends Place {
  readonly type: 'metric';
  readonly properties: {
    readonly title: string;
    readonly view: string;
    readonly stacked?: boolean;
    readonly sparkline?: boolean;
    readonly metrics: readonly MetricLine[];
    readonly yAxis?: { readonly left?: Axis; readonly right?: Axis };
    readonly annotations?: { readonly horizontal?: readonly Mark[] };
  };
}
export type Widget =
  | MetricWidget
  | (Place & { readonly type: 'text'; readonly properties: { readonly markdown: string } })
  | (Place & {
      readonly type: 'alarm';
      readonly properties: { readonly title: string; readonly alarms: readonly string[] };
    })
  | (Place & {
      readonly type: 'log';
      readonly properties: { readonly title: string; readonly view: string; readonly query: string };
    });

export interface AlarmInfo {
  readonly name: string;
  readonly description: string;
  /** Markdown. */
  readonly runbook: string;
}
export interface Described {
  readonly name: string;
  readonly dashboard: { readonly widgets: readonly Widget[] };
  readonly alarms: readonly AlarmInfo[];
  readonly scenarios: readonly { readonly name: string; readonly title: string; readonly about: string }[];
}
export interface Now {
  readonly version: number;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly report?: Report;
  readonly failure?: string;
  readonly alarms: Readonly<Record<string, readonly StateChange[]>>;
  readonly controls?: {
    readonly scenario: string;
    readonly speed: string;
    readonly paused: boolean;
    readonly reached: number;
    /** When each scenario was chosen, epoch milliseconds. */
    readonly begun: readonly { readonly time: number; readonly title: string }[];
  };
}
/** One line of a chart. */
export interface Data {
  readonly label: string;
  readonly color: string | undefined;
  readonly side: 'left' | 'right';
  /** By epoch seconds. */
  readonly points: ReadonlyMap<number, number>;
}
/** A widget on the page. */
export interface Drawn {
  show(now: Now, range: Range): Promise<void> | void;
  /** In other colors. */
  redraw?(): void;
}

/** A stretch of time. */
export interface Range {
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
}
