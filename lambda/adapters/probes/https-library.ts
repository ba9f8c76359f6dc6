import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import {
  type HttpLibrary,
  type RequestContext,
  ResponseContext,
  SelfDecodingBody,
  wrapHttpLibrary,
} from '@kubernetes/client-node';
import type { ApiClientOptions } from '../api-server/client.ts';
import { decodeBody, tooLarge } from '../api-server/decode-body.ts';

/** A hundred pods with their whole specification are some 2 MB. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Sends the requests of `@kubernetes/client-node` to the API server and nowhere else. Its own library follows
 * redirects with the token in the request, and does not check certificates under NODE_TLS_REJECT_UNAUTHORIZED=0.
 */
export function httpsLibrary(
  { endpoint, credentials }: Pick<ApiClientOptions, 'endpoint' | 'credentials'>,
  signal: AbortSignal,
): HttpLibrary {
  const send = async (context: RequestContext): Promise<ResponseContext> => {
    const identity =
      credentials.kind === 'bearer'
        ? { headers: { ...context.getHeaders(), authorization: await credentials.authorization() } }
        : { headers: context.getHeaders(), cert: credentials.cert, key: credentials.key };
    const call = request(context.getUrl(), {
      method: context.getHttpMethod(),
      ...identity,
      ca: endpoint.ca,
      rejectUnauthorized: true,
      signal,
    });
    call.end(context.getBody());
    const [answer]: IncomingMessage[] = await once(call, 'response');
    if (!answer) throw new Error('no answer');
    const body = decodeBody(await bytesOf(answer), answer.headers, MAX_BYTES);
    const plain = Promise.resolve(Buffer.from(body));
    return new ResponseContext(answer.statusCode ?? 0, headersOf(answer), new SelfDecodingBody(plain));
  };
  return wrapHttpLibrary({ send });
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** @throws TransportError `too-large` */
async function bytesOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > MAX_BYTES) throw tooLarge(MAX_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
