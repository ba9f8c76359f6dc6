import { expect } from 'vitest';
import { type ContractCluster, PODS, type PodKind, podOf } from './cluster.ts';
import type { Row } from './rows.ts';
import { JSON_TYPE, refusal, type Seen, starts } from './seen.ts';

export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PARTIAL = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

const column = (name: string, priority: number, format = '') => ({
  name,
  type: 'string',
  format,
  description: expect.any(String),
  priority,
});

const COLUMNS = [
  column('Name', 0, 'name'),
  column('Ready', 0),
  column('Status', 0),
  column('Restarts', 0),
  column('Age', 0),
  column('IP', 1),
  column('Node', 1),
  column('Nominated Node', 1),
  column('Readiness Gates', 1),
];

const AGE = expect.stringMatching(/^\d+[smhd]/);

/** Ready, Status and Restarts of each kind, as the API server prints them. */
const PRINTED: Partial<Record<PodKind, readonly [ready: string, status: string, restarts: unknown]>> = {
  'crash-looping': ['1/2', 'CrashLoopBackOff', expect.stringMatching(/^12 \(\d+[smhd]\S* ago\)$/)],
  restarted: ['2/2', 'Running', expect.stringMatching(/^3 \(\d+[smhd]\S* ago\)$/)],
  terminating: ['2/2', 'Terminating', '0'],
  pending: ['0/2', 'Pending', '0'],
  failed: ['0/2', 'Failed', '0'],
};

function cells(cluster: ContractCluster, kind: PodKind): readonly unknown[] {
  const { name, ip, node } = podOf(cluster, kind);
  return [name, ...(PRINTED[kind] ?? ['2/2', 'Running', '0']), AGE, ip || '<none>', node, '<none>', '<none>'];
}

const answer = (body: unknown): Seen => ({ status: 200, type: JSON_TYPE, marks: ['fairness'], body });
const table = (metadata: object, rows: readonly object[]) =>
  answer({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: COLUMNS, rows });

const LISTED = { resourceVersion: expect.stringMatching(/^\d+$/) };
const BAD = (message: unknown) => refusal(400, 'BadRequest', message, { marks: ['fairness'] });
const named = (cluster: ContractCluster, kind: PodKind) =>
  `fieldSelector=metadata.name%3D${podOf(cluster, kind).name}`;

const PRINTED_KINDS = [
  'healthy',
  'addressless',
  'crash-looping',
  'restarted',
  'terminating',
  'pending',
] as const;

const metadata = (cluster: ContractCluster) =>
  expect.objectContaining({
    name: podOf(cluster, 'healthy').name,
    namespace: 'kube-system',
    creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    labels: { 'k8s-app': 'aws-node' },
  });

export const LIST_ROWS: readonly Row[] = [
  ...PRINTED_KINDS.map(
    (kind): Row => ({
      name: `the row of a pod that is ${kind}`,
      request: (cluster) => ({
        path: `${PODS}?${named(cluster, kind)}&includeObject=None`,
        headers: { accept: TABLE },
      }),
      expected: (cluster) => table(LISTED, [{ cells: cells(cluster, kind), object: null }]),
    }),
  ),
  {
    name: 'the row of a pod that is failed has a condition',
    request: (cluster) => ({
      path: `${PODS}?${named(cluster, 'failed')}&includeObject=None`,
      headers: { accept: TABLE },
    }),
    expected: (cluster) =>
      table(LISTED, [
        {
          cells: cells(cluster, 'failed'),
          conditions: [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }],
          object: null,
        },
      ]),
  },
  {
    name: 'a table that is not whole',
    request: () => ({
      path: `${PODS}?labelSelector=k8s-app%3Daws-node&fieldSelector=status.phase%3DRunning&limit=2&includeObject=None`,
      headers: { accept: `${TABLE}, ${PARTIAL}` },
    }),
    expected: () =>
      table({ ...LISTED, continue: expect.any(String) }, [
        { cells: expect.any(Array), object: null },
        { cells: expect.any(Array), object: null },
      ]),
  },
  {
    name: 'a table of nothing',
    request: () => ({
      path: `${PODS}?labelSelector=k8s-app%3Dnobody&includeObject=None`,
      headers: { accept: TABLE },
    }),
    expected: () => table(LISTED, []),
  },
  {
    name: 'a list of metadata',
    request: (cluster) => ({ path: `${PODS}?${named(cluster, 'healthy')}`, headers: { accept: PARTIAL } }),
    expected: (cluster) =>
      answer({
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        metadata: LISTED,
        items: [{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: metadata(cluster) }],
      }),
  },
  {
    name: 'a list of pods',
    request: (cluster) => ({ path: `${PODS}?${named(cluster, 'healthy')}` }),
    expected: (cluster) => {
      const { node, ip } = podOf(cluster, 'healthy');
      return answer({
        kind: 'PodList',
        apiVersion: 'v1',
        metadata: LISTED,
        items: [
          {
            metadata: metadata(cluster),
            spec: expect.objectContaining({ nodeName: node, hostNetwork: true }),
            status: expect.objectContaining({ phase: 'Running', hostIP: ip, podIP: ip }),
          },
        ],
      });
    },
  },
  {
    name: 'an unfiltered page says how many remain',
    request: () => ({ path: `${PODS}?limit=1`, headers: { accept: PARTIAL } }),
    expected: () =>
      answer(
        expect.objectContaining({
          metadata: { ...LISTED, continue: expect.any(String), remainingItemCount: expect.any(Number) },
        }),
      ),
  },
  {
    name: 'a negative limit counts as none',
    request: (cluster) => ({ path: `${PODS}?limit=-1&${named(cluster, 'healthy')}` }),
    expected: () => answer(expect.objectContaining({ metadata: LISTED, items: [expect.anything()] })),
  },
  {
    name: 'a limit that is no number',
    request: () => ({ path: `${PODS}?limit=x` }),
    expected: () => BAD('strconv.ParseInt: parsing "x": invalid syntax'),
  },
  {
    name: 'pods with any service account',
    request: (cluster) => ({
      path: `${PODS}?${named(cluster, 'healthy')}%2Cspec.serviceAccountName%21%3D`,
    }),
    expected: () => answer(expect.objectContaining({ items: [expect.anything()] })),
  },
  {
    name: 'pods without a service account',
    request: (cluster) => ({
      path: `${PODS}?${named(cluster, 'healthy')}%2Cspec.serviceAccountName%3D`,
    }),
    expected: () => answer(expect.objectContaining({ items: [] })),
  },
  {
    name: 'a field that pods cannot be selected by',
    request: () => ({ path: `${PODS}?fieldSelector=spec.foo%3D1` }),
    expected: () => BAD('field label not supported: spec.foo'),
  },
  {
    name: 'a label selector that cannot be parsed',
    request: () => ({ path: `${PODS}?labelSelector=a%3D%3D%3Db` }),
    expected: () => BAD("unable to parse requirement: found '=', expected: identifier"),
  },
  {
    name: 'a continue token that is none',
    request: () => ({ path: `${PODS}?limit=2&continue=abc` }),
    expected: () => BAD(starts('invalid continue token: continue key is not valid: ')),
  },
  {
    name: 'a list as HTML',
    request: () => ({ path: PODS, headers: { accept: 'text/html' } }),
    expected: () =>
      refusal(406, 'NotAcceptable', starts('406: Not Acceptable\n\nAvailable representations: '), {
        details: {},
        marks: ['fairness'],
      }),
  },
  {
    name: 'a list in a form that does not exist',
    request: () => ({ path: PODS, headers: { accept: 'application/json;as=Table;v=v9;g=meta.k8s.io' } }),
    expected: () =>
      refusal(406, 'NotAcceptable', starts('only the following media types are accepted: application/json'), {
        marks: ['fairness'],
      }),
  },
];
