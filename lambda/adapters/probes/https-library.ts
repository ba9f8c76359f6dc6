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
    const body = await read(answer);
    return new ResponseContext(
      answer.statusCode ?? 0,
      headersOf(answer),
      new SelfDecodingBody(Promise.resolve(body)),
    );
  };
  return wrapHttpLibrary({ send });
}

async function read(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
