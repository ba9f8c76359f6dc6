import { Agent, type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';

/** What an API server answers. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

export interface Admin {
  /**
   * Sends a request as a member of system:masters.
   * @param body sent as JSON
   * @throws Error where the status is 300 or above, with the answer
   */
  send(method: string, path: string, body?: object, contentType?: string): Promise<ApiAnswer>;
  /** Whether the API server is ready. */
  isReady(): Promise<boolean>;
  close(): void;
}

const MAX_CONNECTIONS = 24;
const READY_TIMEOUT_MS = 5_000;

/** @param endpoint https URL @param ca PEM */
export function createAdmin(endpoint: string, ca: string, token: string): Admin {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, ca });
  const authorization = `Bearer ${token}`;
  const call = (path: string, options: RequestOptions, body?: string) =>
    new Promise<ApiAnswer>((resolve, reject) => {
      request(new URL(path, endpoint), { agent, ...options }, async (response) =>
        resolve({ status: response.statusCode ?? 0, text: await text(response) }),
      )
        .on('error', reject)
        .end(body);
    });
  return {
    async send(method, path, body, contentType = 'application/json') {
      const headers = { authorization, 'content-type': contentType };
      const answer = await call(path, { method, headers }, body && JSON.stringify(body));
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer;
    },
    isReady: () =>
      call('/readyz', { headers: { authorization }, timeout: READY_TIMEOUT_MS }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    close: () => agent.destroy(),
  };
}
