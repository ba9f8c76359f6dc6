import { onTestFinished } from 'vitest';
import { apiClient } from '../../lambda/adapters/api-server/client.ts';
import { clusterApi } from '../../lambda/adapters/api-server/cluster-api.ts';
import type { Connection } from '../../lambda/adapters/api-server/credentials.ts';
import { readMetrics } from '../../lambda/adapters/api-server/pod-metrics.ts';
import { ScrapeError } from '../../lambda/errors.ts';
import { type Handle, type ServerOptions, startServer } from './tls-server.ts';

/** Far above what anything takes, so that only tests of budgets meet it. */
export const BUDGET_MS = 30_000;

/** The adapter under test on a connection; ends with the test. */
export function apiOver(connection: Connection) {
  const client = apiClient(connection);
  onTestFinished(() => client.close());
  const read = (name: string, budgetMs = BUDGET_MS) =>
    readMetrics(client, { name, node: '' }, budgetMs, (text) => Buffer.from(text).toString());
  return {
    api: clusterApi(client, async () => {}),
    /** The text that the pod serves. */
    read,
    /** Why they could not be read; undefined fields are left out. */
    failure: async (budgetMs?: number): Promise<Partial<ScrapeError>> => {
      const error: unknown = await read('aws-node-abcde', budgetMs).catch((reason) => reason);
      if (!(error instanceof ScrapeError)) throw new Error(`no ScrapeError: ${error}`);
      const { code, message, retryable, retryAfterMs } = error;
      return { code, message, retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) };
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
  return { ...server, ...apiOver(server.connection) };
}

export const podOf = (path = '') => /pods\/(.*):61678/.exec(path)?.[1] ?? '';

/** Answers with the name of the pod that was asked for. */
export const echo: Handle = (request, response) => response.end(podOf(request.url));
