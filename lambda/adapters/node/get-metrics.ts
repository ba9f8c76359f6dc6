import { type IncomingMessage, request as startRequest } from 'node:http';
import { connect } from 'node:net';
import { METRICS_PORT } from '../../contract.ts';
import type { Deadline } from '../../deadline.ts';
import { codeOf, messageOf } from '../../domain/error-message.ts';
import { ScrapeError } from '../../errors.ts';
import { PendingAnswer } from '../api-server/pending-answer.ts';
import { ACCEPT_METRICS, MAX_METRICS_BYTES, transportFailure } from '../api-server/pod-metrics.ts';
import type { ReceiveMemory } from '../api-server/receive-memory.ts';
import { type Answer, TransportError } from '../api-server/transport.ts';

/** The first SYN is sent again after 1 s; a node that has not answered the second one either is away. */
const DIAL_MS = 2_000;
/** What HTTP adds to the body; line feeds before an answer have no other limit. */
const MAX_BYTES = MAX_METRICS_BYTES + 1024 * 1024;
const PATH = '/metrics';

interface MetricsRequest<T> {
  /** IPv4 address of the node. */
  readonly address: string;
  readonly deadline: Deadline;
  readonly memory: ReceiveMemory;
  /** Takes what is needed from the answer, of any status. */
  readonly read: (answer: Answer) => T;
}

/**
 * Gets the metrics of one node, over a connection of its own: ipamd closes idle ones after 5 s, before the next cycle.
 * Redirects are not followed.
 * @throws ScrapeError; what `read` throws
 */
export async function getMetrics<T>({ address, ...request }: MetricsRequest<T>): Promise<T> {
  const target = `${address}:${METRICS_PORT}`;
  const headers = {
    host: target,
    accept: ACCEPT_METRICS,
    'accept-encoding': 'gzip',
    'user-agent': 'eks-cni-metrics',
    connection: 'close',
  };
  const socket = connect({ host: address, port: METRICS_PORT });
  let connected = false;
  let ended = false;
  const call = startRequest({ createConnection: () => socket, path: PATH, headers });
  const pending = new PendingAnswer({ ...request, path: PATH, headers, maxBytes: MAX_METRICS_BYTES }, () =>
    call.destroy(),
  );
  const stopDialing = () => {
    if (connected) return;
    pending.fail(unreachable(`no TCP connection to ${target} within ${DIAL_MS} ms`));
    call.destroy();
  };
  // As in PendingAnswer: a connection may have been made while this process stood still.
  const dialing = setTimeout(() => setImmediate(stopDialing), DIAL_MS);
  const lost = (cause: Error) => pending.fail(connected ? brokenOff(cause) : notConnected(cause));
  socket.once('connect', () => {
    connected = true;
    clearTimeout(dialing);
  });
  let arrived = 0;
  socket.on('data', ({ length }: Buffer) => {
    arrived += length;
    if (arrived <= MAX_BYTES) return;
    pending.fail(new ScrapeError('answer-too-large', `${target} sent more than ${MAX_BYTES} bytes`));
    call.destroy();
  });
  call.on('information', () => pending.interim());
  call.once('response', (response) => {
    if (!isDelimited(response)) {
      pending.fail(new ScrapeError('not-ipamd', `${target} does not say where its answer ends`));
      call.destroy();
      return;
    }
    response.on('data', (chunk: Buffer) => pending.add(chunk));
    response.once('error', lost);
    response.once('end', () => {
      ended = true;
      pending.complete(response.statusCode ?? 0, response.headers);
    });
  });
  call.once('error', lost);
  call.once('close', () => {
    clearTimeout(dialing);
    // Not for each answer: an error takes 40 µs to create.
    if (!ended) lost(new Error('no complete answer'));
  });
  call.end();
  try {
    return await pending.result;
  } catch (error) {
    if (!(error instanceof TransportError) || error.fault !== 'timeout') throw transportFailure(error);
    if (!connected) throw unreachable(`no TCP connection to ${target} in time`);
    throw new ScrapeError('node-slow', `${target} is connected: ${error.message}`, { cause: error });
  }
}

/** The end of the connection could otherwise pass for the end of a body that was cut; Go never answers 200 like this. */
const isDelimited = ({ statusCode, headers }: IncomingMessage): boolean =>
  statusCode !== 200 || 'content-length' in headers || headers['transfer-encoding'] === 'chunked';

const unreachable = (message: string, cause?: Error) =>
  new ScrapeError('node-unreachable', message, { cause });

const NO_ROUTE: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ETIMEDOUT']);

function notConnected(cause: Error): ScrapeError {
  const code = codeOf(cause);
  if (code === 'ECONNREFUSED') return new ScrapeError('port-refused', messageOf(cause), { cause });
  if (NO_ROUTE.has(code)) return unreachable(messageOf(cause), cause);
  // The function itself lacks something, such as a descriptor or a local port: fewer requests at a time may succeed.
  return new ScrapeError('node-unreachable', messageOf(cause), { retryable: true, overload: true, cause });
}

const brokenOff = (cause: Error): ScrapeError | TransportError =>
  codeOf(cause).startsWith('HPE_')
    ? new ScrapeError('not-ipamd', `the answer is not HTTP: ${messageOf(cause)}`, { cause })
    : new TransportError('cut', `connection closed early: ${messageOf(cause)}`, cause);
