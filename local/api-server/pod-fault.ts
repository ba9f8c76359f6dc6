import { addressNotAllowed, podNotFound, unreachable } from './status.ts';

/** What is wrong with one pod, as a scrape through the API server meets it. */
export type PodFault =
  /** A security group swallows the packets to port 61678: the API server dials in vain. */
  | 'unreachable'
  /** Nothing routes to the node's address: its network, or the node, is gone. */
  | 'no-route'
  | 'no-network'
  /** Nothing listens: DISABLE_METRICS, or ipamd has not started. */
  | 'refused'
  /** ipamd ends again and again, so that nothing listens. */
  | 'crash-looping'
  /** It has no address yet. */
  | 'no-address'
  /** Deleted between list and scrape. */
  | 'gone'
  /** It serves, but is being deleted. */
  | 'terminating'
  /** The connection ends before an answer, or is reset. */
  | 'eof'
  | 'connection-reset'
  /** The connection breaks in the middle of the answer. */
  | 'reset'
  /** Something else listens on the port, with or without HTTP. */
  | 'garbage'
  | 'not-http'
  /** The pod itself answers so. */
  | 'own-404'
  | 'own-500'
  | 'own-503'
  | 'redirect'
  /** The request is taken and never answered. */
  | 'hang';

/** What the API server passes on of a pod's answer. */
export interface ProxiedAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Buffer;
  readonly gzip: boolean;
  /** Its length is not announced. */
  readonly streamed?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: whole. Otherwise nothing is sent at all, or only the first half. */
  readonly broken?: 'hang' | 'reset';
}

/** As Go's server: the length of small answers is known, others are sent in chunks. */
export const headersOf = ({ contentType, body, gzip, streamed = false, headers }: ProxiedAnswer) => ({
  ...headers,
  ...(contentType !== undefined && { 'content-type': contentType }),
  ...(!streamed && { 'content-length': body.length }),
  ...(gzip && { 'content-encoding': 'gzip' }),
});

const NOSNIFF = { 'x-content-type-options': 'nosniff' };
const PLAIN = 'text/plain; charset=utf-8';

/** An answer whose length is known. */
export const textAnswer = (
  status: number,
  text: string,
  contentType: string = PLAIN,
  headers: Readonly<Record<string, string>> = NOSNIFF,
): ProxiedAnswer => ({ status, contentType, body: Buffer.from(text), gzip: false, headers });

/** As Go's http.NotFound. */
export const pageNotFound = () => textAnswer(404, '404 page not found\n');

interface Dialed {
  readonly name: string;
  /** `<ip>:<port>` */
  readonly address: string;
  /** Of the proxy, up to and with `/proxy`. */
  readonly prefix: string;
  /** Resolves when the API server gives up dialing. */
  dial(): Promise<void>;
}

type Answers = { readonly [fault in PodFault]?: (dialed: Dialed) => ProxiedAnswer | Promise<never> };

const refused = ({ address }: Dialed) => {
  throw unreachable(`dial tcp ${address}: connect: connection refused`);
};

/** What is answered instead of the metrics. @throws Refusal */
export const FAULT_ANSWERS: Answers = {
  async unreachable({ address, dial }) {
    await dial();
    throw unreachable(`dial tcp ${address}: i/o timeout`);
  },
  'no-route'({ address }) {
    throw unreachable(`dial tcp ${address}: connect: no route to host`);
  },
  'no-network'({ address }) {
    throw unreachable(`dial tcp ${address}: connect: network is unreachable`);
  },
  refused,
  'crash-looping': refused,
  'no-address'() {
    throw addressNotAllowed();
  },
  gone({ name }) {
    throw podNotFound(name);
  },
  eof() {
    throw unreachable('EOF');
  },
  'connection-reset'({ address }) {
    throw unreachable(`read tcp 10.0.255.10:43210->${address}: read: connection reset by peer`);
  },
  'not-http'() {
    throw unreachable(
      'net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-OpenSSH_9.6"',
    );
  },
  garbage: () => textAnswer(200, '<!DOCTYPE html>\n<html><body>It works!</body></html>\n', 'text/html', {}),
  'own-404': pageNotFound,
  'own-500': () =>
    textAnswer(500, 'An error has occurred while serving metrics:\n\ncollected metric twice\n'),
  'own-503': () => textAnswer(503, 'not ready\n'),
  redirect: ({ prefix }) =>
    textAnswer(302, '<a href="/elsewhere">Found</a>.\n\n', 'text/html; charset=utf-8', {
      location: `${prefix}/elsewhere`,
    }),
};
