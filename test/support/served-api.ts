import { onTestFinished } from 'vitest';
import type { ApiClientOptions } from '../../lambda/adapters/api-server/client.ts';
import { apiClient } from '../../lambda/adapters/api-server/client.ts';
import { clusterReader } from '../../lambda/adapters/api-server/cluster-reader.ts';
import { readMetrics } from '../../lambda/adapters/api-server/pod-metrics.ts';
import { SYSTEM_CLOCK } from '../../lambda/adapters/system-clock.ts';
import type { Clock } from '../../lambda/deadline.ts';
import { ScrapeError } from '../../lambda/errors.ts';
import { deadlineIn } from './deadline.ts';
import { type Handle, type ServerOptions, startServer } from './tls-server.ts';

/** The adapter under test; ends with the test. */
export function apiOver(
  access: Pick<ApiClientOptions, 'endpoint' | 'credentials'>,
  clock: Clock = { ...SYSTEM_CLOCK, wait: async () => {} },
) {
  const client = apiClient({ ...access, clock });
  onTestFinished(() => client.close());
  const read = (name: string, limitMs?: number) =>
    readMetrics(client, { name, node: '' }, deadlineIn(limitMs), (text) => Buffer.from(text).toString());
  return {
    api: clusterReader(client, clock),
    /** The text that the pod serves. */
    read,
    /** Why they could not be read; fields that are undefined, and `overload` where it is false, are left out. */
    failure: async (limitMs?: number): Promise<Partial<ScrapeError>> => {
      const error: unknown = await read('aws-node-abcde', limitMs).catch((reason) => reason);
      if (!(error instanceof ScrapeError)) throw new Error(`no ScrapeError: ${error}`);
      const { code, message, retryable, overload, retryAfterMs } = error;
      return {
        code,
        message,
        retryable,
        ...(overload && { overload }),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      };
    },
    /** All pods at once: the text or the code of each. */
    readAll: (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, i) => read(`p${i}`).catch(({ code }: ScrapeError) => code)),
      ),
  };
}

/** The adapter under test against a server with the test's own answers. */
export async function startApi(handle: Handle, options: ServerOptions = {}) {
  const server = await startServer(handle, options);
  return { ...server, ...apiOver(server.access) };
}

export const podOf = (path = '') => /pods\/(.*):61678/.exec(path)?.[1] ?? '';

/** Answers with the name of the pod that was asked for. */
export const echo: Handle = (request, response) => response.end(podOf(request.url));
