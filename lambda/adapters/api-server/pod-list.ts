import type { Pod } from '../../collect/ports.ts';
import { NO_MIRROR_PODS, POD_LABEL_SELECTOR, POD_NAMESPACE } from '../../contract.ts';
import type { Clock, Deadline } from '../../deadline.ts';
import { codeOf, messageOf } from '../../domain/error-message.ts';
import { CollectorError } from '../../errors.ts';
import type { ApiClient } from './client.ts';
import { ACCEPT_PODS, type Page, parsePage } from './pod-table.ts';
import { retryAfterMs, statusMessage } from './status-message.ts';
import { type Answer, TransportError, type TransportFault } from './transport.ts';

/** 5,000 rows without objects are about 1.3 MB. */
const PAGE_PODS = 5000;
/**
 * A node reports why its pod is not running, which is a cell of the row: the API server takes 3 MiB of it (etcd by default 1.5), and
 * JSON of Go up to six bytes for each of these. So one row fits. To parse several times as many takes the memory of a function.
 * https://github.com/kubernetes/apiserver/blob/v0.35.4/pkg/server/config.go (MaxRequestBodyBytes)
 */
const MAX_BYTES = 20 * 1024 * 1024;
/** A page that is larger is asked for again with so much fewer pods, and each next page has twice as many. */
const FEWER = 8;
/** EKS runs 100,000 nodes in a cluster at most, which are 20 pages; each large row can need some of its own. */
const MAX_PAGES = 1_000;
/** etcd keeps the snapshot behind a page for 5 minutes, so it does not expire twice in one cycle by chance. */
const MAX_RESTARTS = 2;
/** Before each further attempt of what is not a 429, milliseconds: an API server that restarts is back within seconds. */
const PAUSES_MS = [0, 1_000, 2_000];
/** Before each further attempt after a 403 of an API server that was away, milliseconds: it reads its roles last. */
const FORBIDDEN_PAUSES_MS = [1_000, 2_000, 2_000];
/** Where a 429 names no time to wait, or 0: an immediate retry would only add to the load. */
const THROTTLE_MS = 1000;

const QUERY = {
  labelSelector: POD_LABEL_SELECTOR,
  fieldSelector: `status.phase=Running,${NO_MIRROR_PODS}`,
  includeObject: 'None',
};

/**
 * All running aws-node pods, see `ClusterReader.listPods`.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export async function listPods(client: ApiClient, deadline: Deadline, clock: Clock): Promise<readonly Pod[]> {
  for (let restarts = 0; ; restarts += 1) {
    const pods = await listOnce(client, deadline, clock);
    if (pods) return pods;
    if (restarts === MAX_RESTARTS)
      throw new CollectorError(
        'api-failed',
        `${nameOf(client)}: the list expired ${restarts + 1} times (410)`,
      );
  }
}

/** Undefined if the continue token of a page has expired. */
async function listOnce(client: ApiClient, deadline: Deadline, clock: Clock): Promise<Pod[] | undefined> {
  const pods: Pod[] = [];
  let next = '';
  let limit = PAGE_PODS;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const answer = await getPage(client, { next, limit }, deadline, clock);
    if (answer === 'too-large') {
      limit = Math.ceil(limit / FEWER);
      continue;
    }
    if (answer.status === 410 && next !== '') return undefined;
    const page = pageOf(client, answer);
    for (const pod of page.pods) pods.push(pod);
    if (page.next === '') return pods;
    next = page.next;
    limit = Math.min(PAGE_PODS, 2 * limit);
  }
  throw new CollectorError('api-failed', `${nameOf(client)}: the list has more than ${MAX_PAGES} pages`);
}

/**
 * Any answer, after retries of what may well succeed later, or `too-large` where fewer pods may be less.
 * @throws CollectorError
 */
async function getPage(
  client: ApiClient,
  { next, limit }: { readonly next: string; readonly limit: number },
  deadline: Deadline,
  clock: Clock,
): Promise<Answer | 'too-large'> {
  const query = new URLSearchParams({
    ...QUERY,
    limit: String(limit),
    ...(next !== '' && { continue: next }),
  });
  const path = `/api/v1/namespaces/${POD_NAMESPACE}/pods?${query}`;
  const pauses = [...PAUSES_MS];
  const forbiddenPauses = [...FORBIDDEN_PAUSES_MS];
  // It listed a page, or it was away: a 403 does not mean that the right is missing.
  let mayBeStarting = next !== '';
  for (;;) {
    const outcome = await client
      .get({ path, accept: ACCEPT_PODS, deadline, maxBytes: MAX_BYTES, read: (answer) => answer })
      .catch(asTransportError);
    if ('fault' in outcome && outcome.fault === 'too-large' && limit > 1) return 'too-large';
    if (isTransient(outcome)) mayBeStarting = true;
    const further = isTransient(outcome)
      ? pauses
      : mayBeStarting && isForbidden(outcome)
        ? forbiddenPauses
        : [];
    const delay = throttleOf(outcome) ?? further.shift();
    if (delay === undefined || delay >= deadline.remainingMs) {
      if (outcome instanceof TransportError) throw faultOf(client, outcome);
      return outcome;
    }
    if (delay > 0) await clock.wait(delay);
  }
}

function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  throw error;
}

/** How long a 429 asks to wait, milliseconds. */
const throttleOf = (outcome: Answer | TransportError): number | undefined =>
  'status' in outcome && outcome.status === 429
    ? retryAfterMs(outcome.headers['retry-after']) || THROTTLE_MS
    : undefined;

const isForbidden = (outcome: Answer | TransportError): boolean =>
  'status' in outcome && outcome.status === 403;

/** A connection that is refused may be one to a server that restarts; one that times out, or a name, is not. */
function isTransient(outcome: Answer | TransportError): boolean {
  if ('status' in outcome) return outcome.status >= 500;
  return outcome.fault === 'unreachable'
    ? codeOf(outcome.cause) === 'ECONNREFUSED'
    : BREAKS.has(outcome.fault);
}

const BREAKS: ReadonlySet<TransportFault> = new Set([
  'lost',
  'breaks-connection',
  'cut',
  'goaway',
  'refused',
]);

const FAULTS: Readonly<Record<TransportFault, 'api-unreachable' | 'api-tls' | 'api-failed'>> = {
  unreachable: 'api-unreachable',
  lost: 'api-unreachable',
  'breaks-connection': 'api-unreachable',
  goaway: 'api-unreachable',
  refused: 'api-unreachable',
  cut: 'api-unreachable',
  tls: 'api-tls',
  timeout: 'api-failed',
  'too-large': 'api-failed',
  'no-memory': 'api-failed',
  malformed: 'api-failed',
};

const faultOf = (client: ApiClient, cause: TransportError) =>
  new CollectorError(FAULTS[cause.fault], `${nameOf(client)}: ${cause.message}`, {
    cause,
    ...(cause.fault === 'timeout' && { remedy: LIST_HANGS }),
  });

/** Seen on kube-apiserver 1.35: without etcd it takes the request and never answers it. */
const LIST_HANGS =
  'Check the state of the control plane of the cluster: a list hangs while etcd does not answer; if the list is only slow, give the function more time.';

function pageOf(client: ApiClient, { status, body }: Answer): Page {
  if (status === 200) {
    try {
      return parsePage(new TextDecoder().decode(body));
    } catch (cause) {
      throw new CollectorError('api-failed', `${nameOf(client)}: ${messageOf(cause)}`, { cause });
    }
  }
  const code = status === 401 ? 'api-unauthorized' : status === 403 ? 'api-forbidden' : 'api-failed';
  throw new CollectorError(code, `${nameOf(client)} answered ${status}: ${statusMessage(body)}`);
}

const nameOf = ({ host }: ApiClient) => `listing pods of ${POD_NAMESPACE} at ${host}`;
