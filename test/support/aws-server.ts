import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished, vi } from 'vitest';

export interface AwsRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

type Reply = (request: AwsRequest, response: ServerResponse) => void;

/**
 * A loopback endpoint of one service with the test's own answers, to which the environment points the real
 * clients until the test ends. Unsigned requests are refused as AWS does.
 */
export async function startAws(service: 'EKS' | 'EC2', reply: Reply): Promise<readonly AwsRequest[]> {
  const requests: AwsRequest[] = [];
  const scope = `/${service.toLowerCase()}/aws4_request,`;
  const server = createServer(async (message: IncomingMessage, response) => {
    const request = { method: message.method ?? '', path: message.url ?? '', body: await text(message) };
    requests.push(request);
    if (message.headers.authorization?.includes(scope)) reply(request, response);
    else response.writeHead(403).end('{"message":"Missing Authentication Token"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  return requests;
}
