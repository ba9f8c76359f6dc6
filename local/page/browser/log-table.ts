import { element } from './element.ts';
import { dayAndTime, number, utcTime } from './format.ts';
import type { Drawn, Now } from './types.ts';

type Value = string | number;
type Row = ReadonlyMap<string, Value>;

/** What a query of CloudWatch Logs Insights finds in the log line of the last cycle. */
export function logTable(title: string, query: string, place: HTMLElement): Drawn {
  const parsed = parseQuery(query);
  const scroll = element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title });
  place.append(element('h2', {}, title), scroll);
  return {
    show({ report }) {
      const rows = report ? rowsOf(parsed, report) : [];
      scroll.replaceChildren(rows.length === 0 ? nothing() : tableOf(parsed, rows));
    },
  };
}

const nothing = () => element('p', { class: 'empty' }, 'The last cycle reported none.');

function tableOf({ columns, fields }: Query, rows: readonly Row[]): HTMLTableElement {
  // The rows are those of one cycle: its time, a column without a value, and 0 for what is not present say nothing.
  const shown = columns.filter(
    ({ name, alias }) =>
      alias !== LISTED &&
      rows.some((row) => (fields.get(alias)?.of === 'isPresent' ? row.get(name) === 1 : row.has(name))),
  );
  const isNumeric = (name: string) => rows.every((row) => typeof row.get(name) !== 'string');
  const cell = (tag: 'th' | 'td', name: string, content: string) =>
    element(tag, isNumeric(name) ? { class: 'number' } : {}, content);
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...shown.map(({ name }) => cell('th', name, name)))),
    element(
      'tbody',
      {},
      ...rows.map((row) =>
        element('tr', {}, ...shown.map(({ name }) => cell('td', name, textOf(row.get(name))))),
      ),
    ),
  );
}

const textOf = (value: Value = ''): string => (typeof value === 'number' ? number(value) : value);

interface Query {
  /** Where in the log line the rows are. */
  readonly path: readonly string[];
  /** Path within a row, by alias. */
  readonly fields: ReadonlyMap<string, Field>;
  readonly columns: readonly { readonly name: string; readonly alias: string }[];
  readonly sort: readonly { readonly name: string; readonly descends: boolean }[];
  readonly limit: number;
}
interface Field {
  readonly of: 'value' | 'jsonStringify' | 'isPresent';
  readonly path: readonly string[];
}

/**
 * The form of the dashboard's queries: each unnests a list of the log line and takes the latest values of its fields.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 * @throws Error on anything else
 */
function parseQuery(query: string): Query {
  const commands = query
    .split('\n| ')
    .filter(
      (command) => !/^(SOURCE |fields jsonParse\(@message\) as line$|filter line\.message = )/.test(command),
    );
  const [unnest = '', fields = '', stats = '', sort = '', limit = '', rest] = commands;
  const [, path = '', variable = ''] = match(unnest, /^unnest line\.([\w.]+) into (\w+)$/);
  const [, list = '', by = ''] = match(stats, /^stats (.+) by ([\w, ]+)$/);
  if (rest !== undefined) throw new Error(`This page does not know ${rest}`);
  return {
    path: path.split('.'),
    fields: new Map(
      match(fields, /^fields (.+)$/)[1]
        ?.split(', ')
        .map((field) => {
          const [, work, from = '', alias = ''] = match(
            field,
            /^(?:(jsonStringify|isPresent)\()?(\w+(?:\.\w+)+)\)? as (\w+)$/,
          );
          const [first, ...inRow] = from.split('.');
          if (first !== variable) throw new Error(`This page does not know ${field}`);
          return [
            alias,
            { of: work === 'jsonStringify' || work === 'isPresent' ? work : 'value', path: inRow },
          ];
        }),
    ),
    columns: [
      ...by.split(', ').map((name) => ({ name, alias: name })),
      ...list.split(', ').map((each) => {
        const [, alias = LISTED, name = ''] = match(each, /^(?:latest\((\w+)\)|max\(@timestamp\)) as (\w+)$/);
        return { name, alias };
      }),
    ],
    sort: (match(sort, /^sort (.+)$/)[1] ?? '').split(', ').map((each) => {
      const [, name = '', direction] = match(each, /^(\w+) (asc|desc)$/);
      return { name, descends: direction === 'desc' };
    }),
    limit: Number(match(limit, /^limit (\d+)$/)[1]),
  };
}

/** The time of the log line. */
const LISTED = '@timestamp';

function match(text: string, form: RegExp): RegExpExecArray {
  const found = form.exec(text);
  if (!found) throw new Error(`This page does not know ${text}`);
  return found;
}

function rowsOf({ path, fields, columns, sort, limit }: Query, report: NonNullable<Now['report']>): Row[] {
  const found = at(report, path);
  const time = Date.parse(report.time);
  const rows = (Array.isArray(found) ? found : []).map(
    (row): Row =>
      new Map(
        columns.flatMap(({ name, alias }) => {
          const value =
            alias === LISTED ? `${dayAndTime(time)} (${utcTime(time)})` : valueIn(fields.get(alias), row);
          return value === undefined ? [] : [[name, value] as const];
        }),
      ),
  );
  const compared = (a: Row, b: Row) => {
    for (const { name, descends } of sort) {
      const [one, other] = [a.get(name) ?? -1, b.get(name) ?? -1];
      if (one !== other) return one > other === descends ? -1 : 1;
    }
    return 0;
  };
  return rows.sort(compared).slice(0, limit);
}

function valueIn(field: Field | undefined, row: unknown): Value | undefined {
  if (!field) return undefined;
  const value = at(row, field.path);
  if (field.of === 'isPresent') return value === undefined ? 0 : 1;
  if (value === undefined || value === null) return undefined;
  if (field.of === 'jsonStringify') return JSON.stringify(value);
  return typeof value === 'number' ? value : String(value);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
}
