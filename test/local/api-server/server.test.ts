import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { AuthorizationV1Api, CoreV1Api, KubeConfig, VersionApi } from '@kubernetes/client-node';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { LEAST_RIGHTS } from '../../../local/api-server/access.ts';
import { startTestCluster } from '../../support/api-server.ts';

const cluster = await startTestCluster();
const { server, fleet, access, ca, authorization } = cluster;
const session = connect(server.endpoint, { ca });
const POD = fleet.nodes()[2]?.pod ?? '';
const PODS = '/api/v1/namespaces/kube-system/pods';
const AWS_NODE = `${PODS}?labelSelector=k8s-app%3Daws-node`;
const METRICS = `${PODS}/${POD}:61678/proxy/metrics`;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PARTIAL = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

afterAll(async () => {
  session.destroy();
  await server.close();
});

beforeEach(() => {
  access.mapped = true;
  access.rights.clear();
  for (const right of LEAST_RIGHTS) access.rights.add(right);
  server.faults.pods.clear();
  server.faults.phases.clear();
  server.faults.tables = true;
});

/** One GET over the shared HTTP/2 session. */
async function get(path: string, headers: Record<string, string> = {}) {
  const stream = session.request({ ':path': path, authorization, ...headers });
  let answered: IncomingHttpHeaders = {};
  stream.on('response', (received) => {
    answered = received;
  });
  const body = await buffer(stream);
  return { status: answered[':status'], headers: answered, body };
}
const getJson = async (path: string, accept = 'application/json') =>
  JSON.parse((await get(path, { accept })).body.toString());

test('a Table without objects has the columns of kubectl and a row for each aws-node pod', async () => {
  const table = await getJson(`${AWS_NODE}&includeObject=None`, TABLE);
  expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
  const columns = table.columnDefinitions.map(({ name }: { name: string }) => name);
  expect(columns.slice(0, 7)).toEqual(['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node']);
  expect(
    table.rows.map(({ cells, object }: { cells: string[]; object: unknown }) => [cells[0], cells[6], object]),
  ).toEqual(fleet.nodes().map(({ pod, name }) => [pod, name, null]));
});

test('pages of a list are those of one moment, whatever happens between them', async () => {
  const names: string[] = [];
  const before = fleet.nodes().map(({ pod }) => pod);
  let next = '';
  do {
    const page = await getJson(`${AWS_NODE}&limit=2&continue=${next}`, TABLE);
    names.push(...page.rows.map(({ cells }: { cells: string[] }) => cells[0]));
    next = page.metadata.continue ?? '';
    if (names.length === 2) fleet.leave(fleet.join() ?? '');
  } while (next);
  expect(names).toEqual(before);
});

test('a list that is too old to continue answers 410 with a token to go on with', async () => {
  const first = await getJson(`${PODS}?limit=3`);
  expect(first.metadata.remainingItemCount).toBe(2 * 5 + 2 - 3);
  server.expireLists();
  const answer = await get(`${PODS}?limit=3&continue=${first.metadata.continue}`);
  expect(answer.status).toBe(410);
  const expired = JSON.parse(answer.body.toString());
  expect(expired).toMatchObject({ reason: 'Expired', code: 410 });
  expect(expired.message).toMatch(/^The provided continue parameter is too old/);
  expect((await getJson(`${PODS}?limit=100&continue=${expired.metadata.continue}`)).items).toHaveLength(9);
});

test.each([
  {
    name: 'Running only',
    query: 'labelSelector=k8s-app%3Daws-node&fieldSelector=status.phase%3DRunning',
    found: 4,
  },
  { name: 'all but Running', query: 'fieldSelector=status.phase%21%3DRunning', found: 1 },
  { name: 'by name', query: `fieldSelector=metadata.name%3D${POD}`, found: 1 },
  { name: 'another app', query: 'labelSelector=k8s-app%3D%3Dkube-proxy', found: 5 },
  { name: 'no such app', query: 'labelSelector=k8s-app%3Dcilium', found: 0 },
])('selectors are honored: $name', async ({ query, found }) => {
  server.faults.phases.set(POD, 'Pending');
  expect((await getJson(`${PODS}?${query}`)).items).toHaveLength(found);
});

test.each([
  { accept: `${TABLE},application/json`, kind: 'Table' },
  { accept: PARTIAL, kind: 'PartialObjectMetadataList' },
  { accept: 'application/json', kind: 'PodList' },
  { accept: '*/*', kind: 'PodList' },
  { accept: `application/vnd.kubernetes.protobuf, ${PARTIAL}`, kind: 'PartialObjectMetadataList' },
])('Accept: $accept is answered with a $kind', async ({ accept, kind }) => {
  expect((await getJson(AWS_NODE, accept)).kind).toBe(kind);
});

test('a server without tables answers the next form asked for', async () => {
  server.faults.tables = false;
  expect((await getJson(AWS_NODE, `${TABLE},${PARTIAL}`)).kind).toBe('PartialObjectMetadataList');
});

test('the proxy passes on what the pod serves, plain and gzipped', async () => {
  const text = fleet.exposition(POD);
  const plain = await get(METRICS);
  expect(plain.status).toBe(200);
  expect(plain.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(plain.body.toString()).toBe(text);
  const zipped = await get(METRICS, { 'accept-encoding': 'gzip' });
  expect(zipped.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(zipped.body).toString()).toBe(text);
  fleet.advance(60_000);
  expect((await get(METRICS)).body.toString()).toBe(fleet.exposition(POD));
});

test('a client without HTTP/2 is served over HTTP/1.1', async () => {
  const call = request(`${server.endpoint}${METRICS}`, { ca, headers: { authorization } }).end();
  const [answer] = await once(call, 'response');
  expect(answer.httpVersion).toBe('1.1');
  expect((await buffer(answer)).toString()).toBe(fleet.exposition(POD));
});

test('a pod that is reset breaks off in the middle, one that is garbage answers something else', async () => {
  server.faults.pods.set(POD, 'reset');
  await expect(get(METRICS)).rejects.toThrow('NGHTTP2_INTERNAL_ERROR');
  server.faults.pods.set(POD, 'garbage');
  expect((await get(METRICS)).body.toString()).toContain('<!DOCTYPE html>');
});

test('over HTTP/1.1 a pod that is reset breaks off too', async () => {
  server.faults.pods.set(POD, 'reset');
  const call = request(`${server.endpoint}${METRICS}`, { ca, headers: { authorization } }).end();
  const [answer] = await once(call, 'response');
  await expect(buffer(answer)).rejects.toThrow('aborted');
});

test('a throttled server says when to come again', async () => {
  server.faults.throttled = 1;
  const answer = await get(METRICS);
  expect(answer.headers).toMatchObject({ ':status': 429, 'retry-after': '1' });
  expect((await get(METRICS)).status).toBe(200);
});

test('the Kubernetes client reads version, pods and its own rights', async () => {
  const config = new KubeConfig();
  const [, token = ''] = authorization.split(' ');
  config.loadFromClusterAndUser(
    {
      name: 'blue',
      server: server.endpoint,
      caData: Buffer.from(ca).toString('base64'),
      skipTLSVerify: false,
    },
    { name: 'role', token },
  );
  const mayProxy = (name: string) =>
    config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
      body: {
        spec: {
          resourceAttributes: { namespace: 'kube-system', verb: 'get', resource: 'pods', subresource: name },
        },
      },
    });
  expect((await config.makeApiClient(VersionApi).getCode()).major).toBe('1');
  const pods = await config
    .makeApiClient(CoreV1Api)
    .listNamespacedPod({ namespace: 'kube-system', labelSelector: 'k8s-app=aws-node' });
  expect(pods.items.map(({ metadata }) => metadata?.name)).toEqual(fleet.nodes().map(({ pod }) => pod));
  expect((await mayProxy('proxy')).status?.allowed).toBe(true);
  expect((await mayProxy('exec')).status?.allowed).toBe(false);
});
