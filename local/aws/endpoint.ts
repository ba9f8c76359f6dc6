import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { KnownKey } from '../api-server/token-verifier.ts';
import { listenOnLoopback } from '../connections.ts';

/** A service of AWS on the loopback interface. */
export interface AwsEndpoint {
  /** For AWS_ENDPOINT_URL_<SERVICE>. */
  readonly url: string;
  /** Faults to inject; may be changed at any time. */
  readonly faults: AwsFaults;
  /** The last thousand requests that got an answer, oldest first. */
  readonly requests: readonly AwsRequest[];
  close(): Promise<void>;
}

/** What prevents a request from being served, or its answer from arriving. */
export type AwsFault =
  /** Accepted and never answered. */
  | 'hang'
  /** Served, but the connection breaks before the answer. */
  | 'lose-answer'
  /** Served, but the connection breaks, or stalls, halfway through the body of the answer. */
  | 'truncate'
  | 'stall'
  | AwsError;

export interface AwsError {
  readonly status: number;
  /** As the service spells it, for example `AccessDenied`. */
  readonly code: string;
  readonly message: string;
}

interface AwsFaults {
  /** For each of the next requests, in their order. */
  readonly next: (AwsFault | undefined)[];
  /** For every request after those, or a function that is called for each; undefined: served. */
  always: AwsFault | ((request: Pick<AwsRequest, 'method' | 'path'>) => AwsFault | undefined) | undefined;
}

export interface AwsRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface AwsAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Thrown by a service for a request that it refuses. */
export class AwsRefusal extends Error {
  override readonly name = 'AwsRefusal';
  readonly status: number;
  readonly code: string;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What distinguishes one service from another. */
interface AwsService {
  /** As in the scope of a signature. */
  readonly signingName: string;
  /** @throws AwsRefusal */
  serve(request: AwsRequest): AwsAnswer | Promise<AwsAnswer>;
  /** An error in the service's own format. */
  render(error: AwsError, request: Pick<AwsRequest, 'method'>): AwsAnswer;
  /** Its error code for an unknown access key. */
  readonly unknownKey: string;
}

export interface AwsAccount {
  readonly region: string;
  /** By access key id. */
  readonly keys: ReadonlyMap<string, KnownKey>;
}

const REMEMBERED = 1000;

/** Starts a service on a free port of the loopback interface. */
export async function startAwsEndpoint(service: AwsService, account: AwsAccount): Promise<AwsEndpoint> {
  const faults: AwsFaults = { next: [], always: undefined };
  const requests: AwsRequest[] = [];

  const answer = async (message: IncomingMessage, fault: AwsFault | undefined): Promise<AwsAnswer> => {
    const { method = 'GET', headers } = message;
    const { pathname: path, searchParams: query } = new URL(message.url ?? '/', 'http://aws');
    try {
      const body = await buffer(message);
      const request = { method, path, query, headers, body };
      requests.push(request);
      if (requests.length > REMEMBERED) requests.shift();
      if (typeof fault === 'object') throw new AwsRefusal(fault.code, fault.message, fault.status);
      checkSignature(headers, service, account);
      return await service.serve(request);
    } catch (error) {
      const {
        code,
        status,
        message: text,
      } = error instanceof AwsRefusal ? error : new AwsRefusal('InternalFailure', String(error), 500);
      return service.render({ code, status, message: text }, { method });
    }
  };

  const server = createServer((message, response) => {
    const fault = nextFault(faults, message);
    // The client has to end by its own time limit.
    if (fault === 'hang') return;
    answer(message, fault).then((outcome) => send(response, outcome, fault));
  });
  const { port, close } = await listenOnLoopback(server);
  return { url: `http://127.0.0.1:${port}`, faults, requests, close };
}

function nextFault(
  { next, always }: AwsFaults,
  { method = 'GET', url = '/' }: IncomingMessage,
): AwsFault | undefined {
  if (next.length > 0) return next.shift();
  return typeof always === 'function'
    ? always({ method, path: new URL(url, 'http://aws').pathname })
    : always;
}

/** Checks the scope of the signature, not its value, which the SDK's own tests cover. */
function checkSignature(
  headers: IncomingHttpHeaders,
  service: AwsService,
  { region, keys }: AwsAccount,
): void {
  const [, accessKey = '', date = '', scope = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^,]+), SignedHeaders=[^,]+, Signature=[0-9a-f]{64}$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  if (accessKey === '') {
    throw new AwsRefusal('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  }
  const expected = `${region}/${service.signingName}/aws4_request`;
  if (scope !== expected || !String(headers['x-amz-date'] ?? '').startsWith(date)) {
    throw new AwsRefusal(
      'SignatureDoesNotMatch',
      `Credential should be scoped to a valid region and service: '${scope}' is not '${expected}'`,
      403,
    );
  }
  const known = keys.get(accessKey);
  if (!known || (known.sessionToken ?? '') !== (headers['x-amz-security-token'] ?? '')) {
    throw new AwsRefusal(service.unknownKey, 'The security token included in the request is invalid.', 403);
  }
}

function send(
  response: ServerResponse,
  { status, headers, body = '' }: AwsAnswer,
  fault: AwsFault | undefined,
): void {
  if (fault === 'lose-answer') {
    response.destroy();
    return;
  }
  const bytes = Buffer.from(body);
  // An answer to HEAD has the length of a body, and no body.
  response.writeHead(status, {
    'x-amzn-requestid': crypto.randomUUID(),
    'content-length': bytes.length,
    ...headers,
  });
  if (fault !== 'truncate' && fault !== 'stall') {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, bytes.length >> 1), () => {
    if (fault === 'truncate') response.destroy();
  });
}
