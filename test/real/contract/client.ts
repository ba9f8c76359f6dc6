import {
  connect,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

export interface ContractRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface ContractAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly text: string;
  /** Why the body ended early. */
  readonly error?: string;
  /** The error code of the GOAWAY that came with the answer. */
  readonly goaway?: number;
}

/** Sends one request on an HTTP/2 connection of its own. @param endpoint https URL @param ca PEM */
export async function ask(
  { endpoint, ca }: { readonly endpoint: string; readonly ca: string },
  { method = 'GET', path, headers, body }: ContractRequest,
): Promise<ContractAnswer> {
  const session = connect(endpoint, { ca });
  let goaway: number | undefined;
  session.on('goaway', (code) => {
    goaway = code;
  });
  session.on('error', () => undefined);
  try {
    const stream = session.request({
      ':method': method,
      ':path': path,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    });
    stream.end(body === undefined ? undefined : JSON.stringify(body));
    let head: (IncomingHttpHeaders & IncomingHttpStatusHeader) | undefined;
    stream.on('response', (headers) => {
      head = headers;
    });
    let error: string | undefined;
    const bytes = await buffer(stream).catch(({ message }: Error) => {
      error = message;
      return Buffer.alloc(0);
    });
    const text = head?.['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
    // A GOAWAY is sent before the answer's end or after it; a PING comes back behind both.
    await new Promise<void>((resolve) => {
      if (session.closed || session.destroyed || !session.ping(() => resolve())) resolve();
    });
    return {
      status: head?.[':status'],
      headers: head ?? {},
      text: text.toString(),
      ...(error !== undefined && { error }),
      ...(goaway !== undefined && { goaway }),
    };
  } finally {
    session.destroy();
  }
}
