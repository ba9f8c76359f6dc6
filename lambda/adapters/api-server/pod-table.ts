import type { Pod } from '../../collect/ports.ts';
import { quoted } from '../../domain/evidence.ts';
import { KUBERNETES_NAME } from '../../domain/kubernetes-name.ts';

/** One page of the list: a Table without objects, or bare metadata from servers that do not return tables. */
export const ACCEPT_PODS = [
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
].join(', ');

export interface Page {
  readonly pods: readonly Pod[];
  /** The continue token of the next page; '' after the last page. */
  readonly next: string;
}

/**
 * The server selects by phase. The column Status has what kubectl prints: a pod in a crash loop has the phase Running
 * and the status CrashLoopBackOff; it must be found, and then counts as failed. So for servers that ignore the
 * selector, only pods that do not run yet or no longer run are dropped here.
 */
const NOT_RUNNING =
  /^(Pending|SchedulingGated|ContainerCreating|PodInitializing|Init:.*|Succeeded|Completed|Failed|Evicted)$/;

/** @throws Error that says why the text is not a list of pods */
export function parsePage(text: string): Page {
  const page: unknown = JSON.parse(text);
  if (!isRecord(page)) throw new Error('the answer is not a JSON object');
  const { kind, metadata } = page;
  const next = isRecord(metadata) && typeof metadata.continue === 'string' ? metadata.continue : '';
  if (kind === 'Table') return { pods: podsOfTable(page), next };
  if (kind === 'PartialObjectMetadataList') return { pods: podsOfList(page), next };
  throw new Error(`the answer is of kind ${quoted(kind)}, not Table`);
}

function podsOfTable({ columnDefinitions, rows }: Record<string, unknown>): Pod[] {
  if (!Array.isArray(columnDefinitions)) throw new Error('the table has no columns');
  const columns = columnDefinitions.map((column) => (isRecord(column) ? column.name : undefined));
  if (!columns.includes('Name')) throw new Error('the table has no column Name');
  // An empty table's rows are null in Go's JSON.
  return listOf(rows ?? [], 'rows').flatMap((row) => {
    const cells = isRecord(row) ? listOf(row.cells, 'cells') : [];
    const cell = (title: string) => cells[columns.indexOf(title)];
    const status = String(cell('Status'));
    if (NOT_RUNNING.test(status)) return [];
    const node = cell('Node');
    const address = known(cell('IP'));
    const ageSeconds = secondsOf(cell('Age'));
    return {
      name: nameOf(cell('Name')),
      node: typeof node === 'string' && KUBERNETES_NAME.test(node) ? node : '',
      ...(address !== undefined && { address }),
      ...(ageSeconds !== undefined && { ageSeconds }),
      ...(status === 'Terminating' && { isTerminating: true as const }),
    };
  });
}

/** A cell, unless it is absent or prints that it has no value. */
const known = (cell: unknown): string | undefined =>
  typeof cell === 'string' && !/^(|<.*>)$/.test(cell) ? cell : undefined;

const SECONDS = { y: 31_536_000, d: 86_400, h: 3_600, m: 60, s: 1 } as const;
const AGE = /^(?:(\d{1,6})y)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;

/**
 * The age that the API server prints, for example `5d3h`, or undefined for anything else, such as `<unknown>`.
 * https://github.com/kubernetes/apimachinery/blob/v0.35.4/pkg/util/duration/duration.go
 */
function secondsOf(cell: unknown): number | undefined {
  const match = typeof cell === 'string' && cell !== '' ? AGE.exec(cell) : null;
  if (!match) return undefined;
  return Object.values(SECONDS).reduce(
    (sum, seconds, unit) => sum + seconds * Number(match[unit + 1] ?? 0),
    0,
  );
}

function podsOfList({ items }: Record<string, unknown>): Pod[] {
  return listOf(items ?? [], 'items').map((item) => {
    const metadata = isRecord(item) && isRecord(item.metadata) ? item.metadata : {};
    return {
      name: nameOf(metadata.name),
      node: '',
      ...(typeof metadata.deletionTimestamp === 'string' && { isTerminating: true as const }),
    };
  });
}

function listOf(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what} is not a list`);
  return value;
}

function nameOf(value: unknown): string {
  if (typeof value !== 'string' || !KUBERNETES_NAME.test(value))
    throw new Error(`a pod has no name of Kubernetes, but ${quoted(value)}`);
  return value;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
