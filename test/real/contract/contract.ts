import { once } from 'node:events';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_ROWS } from './access-rows.ts';
import { ask, type ContractAnswer, type ContractRequest } from './client.ts';
import { type ContractCluster, PODS } from './cluster.ts';
import { LIST_ROWS, TABLE } from './list-rows.ts';
import { BLOCKED, metricsPath, PROXY_ROWS } from './proxy-rows.ts';
import { REVIEW_ROWS } from './review-rows.ts';
import type { Row } from './rows.ts';
import { COMMON_HEADERS, failure, seen } from './seen.ts';

/** How long the API server remembers what a token was found to be. */
const TOKEN_CACHE_MS = 10_000;
/** How long the API server dials a pod. */
const DIAL_MS = 30_000;

/**
 * What an API server answers to the requests of this project, request by request. A real kube-apiserver is the
 * measure; the embedded one keeps the same contract.
 */
export function describeContract(start: () => Promise<ContractCluster>): void {
  let cluster: ContractCluster;
  let authorization = '';
  beforeAll(async () => {
    cluster = await start();
    authorization = await cluster.authorization();
  });
  afterAll(() => cluster?.close());

  const send = ({ headers, ...rest }: ContractRequest, header: string | null = authorization) =>
    ask(cluster, { ...rest, headers: { ...headers, ...(header !== null && { authorization: header }) } });

  const rowsOf = (title: string, rows: readonly Row[]) =>
    describe.concurrent(title, () => {
      test.each(rows)('$name', async ({ request: requestOf, expected }) => {
        const { authorization: header = authorization, ...wanted } = requestOf(cluster);
        const answer = await send(wanted, header);
        expect(seen(answer)).toEqual(expected(cluster));
        expect(answer.headers).toMatchObject(COMMON_HEADERS);
      });
    });
  rowsOf('access', ACCESS_ROWS);
  rowsOf('lists', LIST_ROWS);
  rowsOf('metrics', PROXY_ROWS);
  rowsOf('reviews', REVIEW_ROWS);

  test('a pod whose port is blocked is dialed for 30 s', async () => {
    let answered = false;
    const pending = send({ path: metricsPath(cluster, 'dropped') }).finally(() => {
      answered = true;
    });
    await cluster.untilDialing();
    await cluster.pass(DIAL_MS - 1_000);
    // So that an answer would have come by now.
    await send({ path: '/version' });
    expect(answered).toBe(false);
    await cluster.pass(1_000);
    expect(seen(await pending)).toEqual(BLOCKED(cluster));
  });

  test('a pod whose answer is cut breaks off the stream', async () => {
    const { error } = await send({ path: metricsPath(cluster, 'cut') });
    expect(error).toBe('Stream closed with error code NGHTTP2_INTERNAL_ERROR');
  });

  test('a text that a pod streams has no length, and one that it does not has', async () => {
    const lengthOf = ({ headers, text }: ContractAnswer) => [headers['content-length'], text.length > 0];
    expect(lengthOf(await send({ path: metricsPath(cluster, 'healthy') }))).toEqual([undefined, true]);
    expect(lengthOf(await send({ path: metricsPath(cluster, 'own-404') }))).toEqual(['19', true]);
  });

  test('a connection has room for 100 streams and 256 KiB each', async () => {
    const session = connect(cluster.endpoint, { ca: cluster.ca });
    const [settings] = await once(session, 'remoteSettings');
    session.destroy();
    expect(settings).toMatchObject({
      maxConcurrentStreams: 100,
      initialWindowSize: 262_144,
      maxFrameSize: 262_144,
      maxHeaderListSize: 1_048_896,
    });
  });

  test('after GOAWAY the open requests are answered, and the connection ends', async () => {
    const session = connect(cluster.endpoint, { ca: cluster.ca });
    const ended = once(session, 'close');
    const statusOf = async (header: string) => {
      const stream = session.request({ ':path': metricsPath(cluster, 'healthy'), authorization: header });
      const [head] = await once(stream, 'response');
      await buffer(stream);
      return head[':status'];
    };
    const good = Array.from({ length: 20 }, () => statusOf(authorization));
    const statuses = await Promise.all([...good, statusOf('Bearer abc')]);
    expect(statuses).toEqual([...good.map(() => 200), 401]);
    await ended;
  });

  test('over HTTP/1.1 a connection stays after a 401', async () => {
    const headers = { authorization: 'Bearer abc' };
    const call = request(`${cluster.endpoint}${PODS}`, { ca: cluster.ca, headers }).end();
    const [answer] = await once(call, 'response');
    answer.resume();
    expect(answer.statusCode).toBe(401);
    expect(answer.headers.connection).not.toBe('close');
  });

  test('a token that is not good any more is remembered for 10 s', async () => {
    // One that was not used before, so that it is remembered from now on.
    const token = await cluster.authorization();
    const statusOf = async () => (await send({ path: `${PODS}?limit=1` }, token)).status;
    expect(await statusOf()).toBe(200);
    cluster.setKnown(false);
    try {
      await cluster.pass(TOKEN_CACHE_MS / 2);
      expect(await statusOf()).toBe(200);
      await cluster.pass(TOKEN_CACHE_MS / 2 + 1_000);
      expect(await statusOf()).toBe(401);
    } finally {
      cluster.setKnown(true);
    }
    expect(await statusOf()).toBe(200);
  });

  test('a list whose revision is compacted answers 410, with a token to go on with', async () => {
    const page = async (token: string) => {
      const path = `${PODS}?limit=2&includeObject=None&continue=${encodeURIComponent(token)}`;
      const { text } = await send({ path, headers: { accept: TABLE } });
      return JSON.parse(text);
    };
    const first = await page('');
    const expired = await page(await cluster.expire(first.metadata.continue));
    expect(expired).toEqual({
      ...failure(
        410,
        'Expired',
        'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
          'without the continue parameter, or use the continue token in this response to retrieve the remainder of the ' +
          'results. Continuing with the provided token results in an inconsistent list - objects that were created, ' +
          'modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      ),
      metadata: { continue: expect.any(String) },
    });
    const next = await page(expired.metadata.continue);
    const names = [...first.rows, ...next.rows].map(({ cells: [name] }: { cells: string[] }) => name);
    expect(new Set(names).size).toBe(4);
  });
}
