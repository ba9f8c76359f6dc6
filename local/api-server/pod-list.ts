import { type KubePod, metadataOf, POD_COLUMNS, podCells, podConditions, podObject } from './kube-system.ts';
import { matcher } from './selectors.ts';
import { badRequest, formNotAcceptable, notAcceptable, Refusal } from './status.ts';

/** Lists pods page by page, each list from one moment's snapshot. */
interface PodLists {
  /** @throws Refusal */
  list(query: URLSearchParams, accept: string): object;
  /** Compacts etcd: what was listed so far cannot be continued. */
  expire(): void;
}

interface PodListOptions {
  /** All pods now, by name. */
  pods(): readonly KubePod[];
  /** Epoch milliseconds. */
  now(): number;
  /** False: an API server, or something before it, that knows no Table form. */
  tables(): boolean;
}

interface Position {
  readonly version: number;
  readonly start: number;
}

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
  'without the continue parameter, or use the continue token in this response to retrieve the remainder of the ' +
  'results. Continuing with the provided token results in an inconsistent list - objects that were created, ' +
  'modified, or deleted between the time the first chunk was returned and now may show up in the list.';

type Form = 'Table' | 'PartialObjectMetadataList' | 'PodList';

export function createPodLists({ pods, now, tables }: PodListOptions): PodLists {
  const snapshots = new Map<number, readonly KubePod[]>();
  let version = 1_000_000;

  const snapshot = (query: URLSearchParams): Position => {
    version += 1;
    snapshots.set(version, pods().filter(matcher(query)));
    snapshots.delete(version - 20);
    return { version, start: 0 };
  };

  return {
    list(query, accept) {
      const form = formOf(accept, tables());
      const limit = limitOf(query.get('limit'));
      const token = query.get('continue');
      const { version: resourceVersion, start } = token ? readToken(token) : snapshot(query);
      const found = snapshots.get(resourceVersion);
      if (!found) {
        throw new Refusal(410, 'Expired', EXPIRED, { continue: writeToken({ ...snapshot(query), start }) });
      }
      const end = Math.min(found.length, start + limit);
      const metadata = {
        resourceVersion: String(resourceVersion),
        ...(end < found.length && {
          continue: writeToken({ version: resourceVersion, start: end }),
          // The real server counts only where it need not filter.
          ...(!query.get('labelSelector') &&
            !query.get('fieldSelector') && { remainingItemCount: found.length - end }),
        }),
      };
      return render(form, metadata, found.slice(start, end), query.get('includeObject'), now());
    },
    expire: () => snapshots.clear(),
  };
}

function render(
  form: Form,
  metadata: object,
  pods: readonly KubePod[],
  includeObject: string | null,
  now: number,
): object {
  if (form === 'PodList') return { kind: 'PodList', apiVersion: 'v1', metadata, items: pods.map(podObject) };
  const meta = { apiVersion: 'meta.k8s.io/v1', metadata };
  if (form === 'PartialObjectMetadataList') {
    return { kind: form, ...meta, items: pods.map(partialOf) };
  }
  const objectOf = (pod: KubePod) => {
    if (includeObject === 'None') return null;
    if (includeObject === 'Object') return { kind: 'Pod', apiVersion: 'v1', ...podObject(pod) };
    return partialOf(pod);
  };
  const rows = pods.map((pod) => ({
    cells: podCells(pod, now),
    ...podConditions(pod),
    object: objectOf(pod),
  }));
  return { kind: 'Table', ...meta, columnDefinitions: POD_COLUMNS, rows };
}

const partialOf = (pod: KubePod) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: metadataOf(pod),
});

/** The first form of the Accept header that the server has. */
function formOf(accept: string, tables: boolean): Form {
  let known = false;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*', ''].includes(type)) continue;
    known = true;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) return 'PodList';
    if (!parameters.includes('v=v1') || !parameters.includes('g=meta.k8s.io')) continue;
    if (as === 'PartialObjectMetadataList' || (as === 'Table' && tables)) return as;
  }
  throw known ? formNotAcceptable() : notAcceptable();
}

function limitOf(text: string | null): number {
  if (text === null || text === '') return Number.POSITIVE_INFINITY;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text) > 0 ? Number(text) : Number.POSITIVE_INFINITY;
}

const writeToken = (position: Position) => Buffer.from(JSON.stringify(position)).toString('base64url');

function readToken(token: string): Position {
  const [, version, start] =
    /^\{"version":(\d+),"start":(\d+)\}$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (version === undefined)
    throw badRequest('invalid continue token: continue key is not valid: illegal base64 or JSON');
  return { version: Number(version), start: Number(start) };
}
