import {
  Color,
  GraphWidget,
  type HorizontalAnnotation,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  Shading,
  SingleValueWidget,
  TextWidget,
  TextWidgetBackground,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';

/** CloudWatch's grid: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export const COLUMNS = 24;
export const HALF = COLUMNS / 2;
export const THIRD = COLUMNS / 3;
export const QUARTER = COLUMNS / 4;

const GRAPH_HEIGHT = 6;

/** What an axis counts: its label, and where its end is known. */
interface Axis {
  readonly label: string;
  readonly max?: number;
}

export const PERCENT: Axis = { label: '%', max: 100 };
export const MILLISECONDS: Axis = { label: 'ms' };
export const counted = (what: string): Axis => ({ label: what });

interface Graph {
  readonly title: string;
  readonly width: number;
  readonly axis: Axis;
  readonly lines: readonly IMetric[];
  readonly marks?: readonly HorizontalAnnotation[];
  /** For lines of another unit. */
  readonly right?: { readonly axis: Axis; readonly lines: readonly IMetric[] };
}

export function graph({ title, width, axis, lines, marks = [], right }: Graph): GraphWidget {
  return new GraphWidget({
    title,
    width,
    height: GRAPH_HEIGHT,
    left: [...lines],
    leftYAxis: { min: 0, showUnits: false, ...axis },
    leftAnnotations: [...marks],
    ...(right && { right: [...right.lines], rightYAxis: { min: 0, showUnits: false, ...right.axis } }),
  });
}

/** A line where it becomes a warning, and one where it becomes a critical. */
export const warning = (value: number, label: string): HorizontalAnnotation => ({
  value,
  label,
  color: Color.ORANGE,
});
export const critical = (value: number, label: string): HorizontalAnnotation => ({
  value,
  label,
  color: Color.RED,
});
/** The side of a line on which no value should lie. */
export const below = (mark: HorizontalAnnotation): HorizontalAnnotation => ({ ...mark, fill: Shading.BELOW });

/** The latest value of each metric, large. */
export const numbers = (title: string, width: number, ...metrics: readonly IMetric[]): SingleValueWidget =>
  new SingleValueWidget({ title, width, height: 3, metrics: [...metrics], sparkline: true });

/** What a query of CloudWatch Logs Insights finds, as a table over the whole width. */
export const logTable = (
  title: string,
  { logGroupName }: ILogGroup,
  query: readonly string[],
): LogQueryWidget =>
  new LogQueryWidget({
    title,
    width: COLUMNS,
    height: 7,
    logGroupNames: [logGroupName],
    queryLines: [...query],
    view: LogQueryVisualizationType.TABLE,
  });

export const heading = (text: string): TextWidget =>
  new TextWidget({
    markdown: `## ${text}`,
    width: COLUMNS,
    height: 1,
    background: TextWidgetBackground.TRANSPARENT,
  });
