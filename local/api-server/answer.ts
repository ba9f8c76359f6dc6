import type { Http2ServerRequest } from 'node:http2';
import { setTimeout } from 'node:timers/promises';
import { POD_NAMESPACE } from '../../lambda/contract.ts';
import type { Fleet } from '../simulation/fleet.ts';
import { type Access, ANONYMOUS, authorize, createAuthenticator, type User } from './access.ts';
import type { ApiServerFaults } from './faults.ts';
import { kubeSystemPods } from './kube-system.ts';
import type { NodeServers } from './nodes.ts';
import { type ProxiedAnswer, textAnswer } from './pod-fault.ts';
import { createPodLists } from './pod-list.ts';
import { createPodProxy } from './pod-proxy.ts';
import { isLongRunning, type RequestInfo, requestInfo } from './request-info.ts';
import { parseReview, REVIEWS } from './reviews.ts';
import { badRequest, forbidden, methodNotAllowed, Refusal } from './status.ts';

/** What is sent. */
type Content = ProxiedAnswer | { readonly status: number; readonly json: object };

export interface Answer {
  readonly content: Content;
  /** Whether priority and fairness classified the request. */
  readonly classified: boolean;
  /** Whether the connection accepts no further requests: the request identified no user. */
  readonly goesAway: boolean;
}

interface Answers {
  /** @param signal aborts when nobody waits for the answer any more; the promise may then reject */
  answer(request: Http2ServerRequest, signal: AbortSignal): Promise<Answer>;
  /** Scrapes answered so far, well or ill. */
  scrapes(): number;
  /** Makes continue tokens of lists so far answer 410. */
  expireLists(): void;
}

/** Resolves after milliseconds; rejects when the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

interface AnswerOptions {
  readonly fleet: Fleet;
  readonly access: Access;
  readonly faults: ApiServerFaults;
  /** Epoch milliseconds; judges the tokens. */
  now(): number;
  readonly wait: Wait;
  /** Nodes that serve their metrics themselves. @default none: the list has their simulated addresses */
  readonly nodeServers?: NodeServers | undefined;
}

const MAX_BODY_BYTES = 3 * 1024 * 1024;
const VERSION = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.2-eks-embedded',
  gitTreeState: 'clean',
  goVersion: 'go1.24.9',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** What the API server answers, apart from how it is sent. */
export function createAnswers({ fleet, access, faults, now, wait, nodeServers }: AnswerOptions): Answers {
  const lists = createPodLists({
    pods: () =>
      kubeSystemPods(
        fleet,
        faults,
        (node) => faults.addresses.get(node.pod) ?? nodeServers?.addressOf(node) ?? node.ip,
      ),
    now: () => fleet.now(),
    tables: () => faults.tables,
  });
  const proxy = createPodProxy(fleet, faults);
  const authenticate = createAuthenticator(access);
  let scrapes = 0;

  /** @throws Refusal */
  const serve = async (
    request: Http2ServerRequest,
    { info, user, url, signal }: Identified,
  ): Promise<Content> => {
    const { action, rest } = info;
    if (faults.throttled > 0) {
      faults.throttled -= 1;
      const text = 'Too many requests, please try again later.\n';
      return textAnswer(429, text, undefined, { 'x-content-type-options': 'nosniff', 'retry-after': '1' });
    }
    if (faults.unsynced && !('path' in action)) throw forbidden(user.username, action);
    authorize(access, user, action);
    if ('path' in action)
      return action.path === '/version' ? { status: 200, json: VERSION } : textAnswer(200, 'ok');
    const { verb, group, resource, namespace, name = '' } = action;
    const review = REVIEWS[`${group} ${resource}`];
    if (review)
      return { status: 201, json: review.answer(parseReview(review, await readText(request)), user, access) };
    if (verb === 'list' && resource === 'pods' && namespace === POD_NAMESPACE) {
      if (request.method === 'HEAD') throw methodNotAllowed();
      await nodeServers?.follow(faults.pods);
      return { status: 200, json: lists.list(url.searchParams, String(request.headers.accept ?? '*/*')) };
    }
    if (resource !== 'pods/proxy')
      throw new Refusal(404, 'NotFound', 'the server could not find the requested resource', { details: {} });
    const prefix = `/api/v1/namespaces/${POD_NAMESPACE}/pods/${name}/proxy`;
    if (rest === undefined) return movedTo(`${prefix}/`);
    if (faults.podDelayMs > 0) await setTimeout(faults.podDelayMs);
    scrapes += 1;
    const acceptsGzip = canReadGzip(request);
    return proxy.get({ target: name, path: rest, prefix, acceptsGzip, wait: (ms) => wait(ms, signal) });
  };

  return {
    async answer(request, signal) {
      const url = new URL(request.url, 'https://api');
      const info = requestInfo(request.method ?? 'GET', url.pathname, url.searchParams);
      let user: User;
      try {
        user = authenticate(request.headers.authorization, now());
      } catch (error) {
        return { content: refused(error), classified: false, goesAway: true };
      }
      const identified = { info, user, url, signal };
      return {
        content: await serve(request, identified).catch((error) => {
          signal.throwIfAborted();
          return refused(error);
        }),
        classified: !isLongRunning(info.action),
        goesAway: user === ANONYMOUS,
      };
    },
    scrapes: () => scrapes,
    expireLists: () => lists.expire(),
  };
}

interface Identified {
  readonly info: RequestInfo;
  readonly user: User;
  readonly url: URL;
  readonly signal: AbortSignal;
}

export function canReadGzip({ headers }: Http2ServerRequest): boolean {
  return /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
}

function refused(error: unknown): Content {
  const refusal =
    error instanceof Refusal ? error : new Refusal(500, 'InternalError', `Internal error: ${error}`);
  return { status: refusal.code, json: refusal.toStatus() };
}

const movedTo = (location: string): Content => ({
  status: 301,
  contentType: undefined,
  body: Buffer.alloc(0),
  gzip: false,
  headers: { location },
});

async function readText(request: Http2ServerRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw badRequest('request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
