import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from '../../local/connections.ts';

/** What a function made of one event. */
export type Outcome = { readonly response: unknown } | { readonly error: unknown };

/**
 * Lambda's side of the Runtime API, for one function: hands over events and takes what became of them.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export interface RuntimeApi {
  /** Value of AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** @param timeoutMs what the function is told it has */
  invoke(event: unknown, timeoutMs: number): Promise<Outcome>;
  close(): Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly body: string;
  readonly deadline: number;
  readonly settle: (outcome: Outcome) => void;
}

const POST = /^\/2018-06-01\/runtime\/(?:invocation\/([^/]+)\/(response|error)|init\/error)$/;

export async function startRuntimeApi(functionArn: string): Promise<RuntimeApi> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let handOver: (() => void) | undefined;
  let count = 0;

  const server = createServer(async (request, response) => {
    if (request.method === 'GET' && request.url === '/2018-06-01/runtime/invocation/next') {
      handOver = () => {
        const next = waiting.shift();
        if (next === undefined) return;
        handOver = undefined;
        running.set(next.id, next);
        response
          .writeHead(200, {
            'content-type': 'application/json',
            'lambda-runtime-aws-request-id': next.id,
            'lambda-runtime-deadline-ms': String(next.deadline),
            'lambda-runtime-invoked-function-arn': functionArn,
          })
          .end(next.body);
      };
      return handOver();
    }
    const [matched, id, kind] = POST.exec(request.url ?? '') ?? [];
    const body = JSON.parse(await text(request));
    if (request.method !== 'POST' || matched === undefined) return response.writeHead(404).end('{}');
    // An error of the start is that of whatever waits for it.
    const invocation = id === undefined ? waiting.shift() : running.get(id);
    if (invocation === undefined) return response.writeHead(400).end('{}');
    invocation.settle(kind === 'response' ? { response: body } : { error: body });
    return response.writeHead(202).end('{}');
  });
  const { port, close } = await listenOnLoopback(server);
  return {
    address: `127.0.0.1:${port}`,
    invoke: (event, timeoutMs) =>
      new Promise((settle) => {
        count += 1;
        const id = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
        waiting.push({ id, body: JSON.stringify(event), deadline: Date.now() + timeoutMs, settle });
        handOver?.();
      }),
    close,
  };
}
