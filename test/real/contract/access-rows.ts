import { expect } from 'vitest';
import { METRICS_PORT } from '../../../lambda/contract.ts';
import { PODS, podOf, USER } from './cluster.ts';
import { metricsPath } from './proxy-rows.ts';
import type { Row } from './rows.ts';
import { JSON_TYPE, refusal, type Seen, TEXT_TYPE } from './seen.ts';

const UNAUTHORIZED = refusal(401, 'Unauthorized', 'Unauthorized', { marks: ['goaway'] });
const OK: Seen = { status: 200, type: TEXT_TYPE, marks: ['nosniff', 'fairness'], body: 'ok' };
const VERSION: Seen = {
  status: 200,
  type: JSON_TYPE,
  marks: ['fairness'],
  body: expect.objectContaining({
    major: '1',
    minor: expect.stringMatching(/^\d+$/),
    gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/),
    platform: 'linux/amd64',
  }),
};
const goingAway = (answer: Seen): Seen => ({ ...answer, marks: [...answer.marks, 'goaway'] });

interface Denied {
  readonly verb: string;
  readonly resource: string;
  readonly group?: string;
  /** Undefined: the whole cluster. */
  readonly namespace?: string;
  readonly name?: string;
  readonly user?: string;
  readonly longRunning?: boolean;
}

/** What RBAC does not allow. */
function denied(action: Denied): Seen {
  const { verb, resource, group = '', namespace, name, user = USER, longRunning = false } = action;
  const [kind = ''] = resource.split('/');
  const subject = `${kind}${group && `.${group}`}${name === undefined ? '' : ` "${name}"`}`;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return refusal(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`,
    {
      details: { ...(name !== undefined && { name }), ...(group && { group }), kind },
      marks: longRunning ? ['nosniff'] : ['nosniff', 'fairness'],
    },
  );
}

const deniedPath = (path: string, user = USER): Seen =>
  refusal(403, 'Forbidden', `forbidden: User "${user}" cannot get path "${path}"`, {
    details: {},
    marks: ['nosniff', 'fairness'],
  });

const ANONYMOUS = 'system:anonymous';
const KUBE_SYSTEM = { namespace: 'kube-system' };
const ANONYMOUS_LIST = goingAway(denied({ verb: 'list', resource: 'pods', ...KUBE_SYSTEM, user: ANONYMOUS }));

/** Who is let in, and to what. */
export const ACCESS_ROWS: readonly Row[] = [
  ...(
    [
      ['without a token', null],
      ['with Basic authentication', 'Basic YTpi'],
      ['with an empty token', 'Bearer '],
    ] as const
  ).map(
    ([name, authorization]): Row => ({
      name: `a list ${name}`,
      request: () => ({ path: PODS, authorization }),
      expected: () => ANONYMOUS_LIST,
    }),
  ),
  ...['Bearer abc', 'Bearer k8s-aws-v1.abc'].map(
    (authorization): Row => ({
      name: `a list with the token ${authorization}`,
      request: () => ({ path: PODS, authorization }),
      expected: () => UNAUTHORIZED,
    }),
  ),
  {
    name: 'the version with a bad token',
    request: () => ({ path: '/version', authorization: 'Bearer abc' }),
    expected: () => UNAUTHORIZED,
  },
  {
    name: 'metrics without a token',
    request: (cluster) => ({ path: metricsPath(cluster, 'healthy'), authorization: null }),
    expected: (cluster) =>
      goingAway(
        denied({
          verb: 'get',
          resource: 'pods/proxy',
          ...KUBE_SYSTEM,
          name: `${podOf(cluster, 'healthy').name}:${METRICS_PORT}`,
          user: ANONYMOUS,
          longRunning: true,
        }),
      ),
  },
  { name: 'the version', request: () => ({ path: '/version' }), expected: () => VERSION },
  {
    name: 'the version without a token',
    request: () => ({ path: '/version', authorization: null }),
    expected: () => goingAway(VERSION),
  },
  ...['/healthz', '/livez', '/readyz'].flatMap((path): readonly Row[] => [
    { name: path, request: () => ({ path }), expected: () => OK },
    {
      name: `${path} without a token`,
      request: () => ({ path, authorization: null }),
      expected: () => goingAway(OK),
    },
  ]),
  {
    name: 'an unknown path',
    request: () => ({ path: '/nothing' }),
    expected: () => deniedPath('/nothing'),
  },
  {
    name: 'an unknown path without a token',
    request: () => ({ path: '/nothing', authorization: null }),
    expected: () => goingAway(deniedPath('/nothing', ANONYMOUS)),
  },
  {
    name: 'HEAD of a list',
    request: () => ({ method: 'HEAD', path: PODS }),
    expected: () => ({ status: 405, type: JSON_TYPE, marks: ['fairness'], body: '' }),
  },
  ...(
    [
      ['GET', '/api/v1/nodes', { verb: 'list', resource: 'nodes' }],
      ['GET', '/api/v1/pods', { verb: 'list', resource: 'pods' }],
      ['GET', '/api/v1/namespaces/default/pods', { verb: 'list', resource: 'pods', namespace: 'default' }],
      ['GET', `${PODS}?watch=true`, { verb: 'watch', resource: 'pods', ...KUBE_SYSTEM }],
      ['POST', PODS, { verb: 'create', resource: 'pods', ...KUBE_SYSTEM }],
      ['DELETE', PODS, { verb: 'deletecollection', resource: 'pods', ...KUBE_SYSTEM }],
      ['GET', `${PODS}/p`, { verb: 'get', resource: 'pods', ...KUBE_SYSTEM, name: 'p' }],
      ['PUT', `${PODS}/p`, { verb: 'update', resource: 'pods', ...KUBE_SYSTEM, name: 'p' }],
      ['PATCH', `${PODS}/p`, { verb: 'patch', resource: 'pods', ...KUBE_SYSTEM, name: 'p' }],
      ['DELETE', `${PODS}/p`, { verb: 'delete', resource: 'pods', ...KUBE_SYSTEM, name: 'p' }],
      [
        'GET',
        `${PODS}/p/log`,
        { verb: 'get', resource: 'pods/log', ...KUBE_SYSTEM, name: 'p', longRunning: true },
      ],
      [
        'GET',
        `${PODS}/p/exec?command=ls`,
        { verb: 'get', resource: 'pods/exec', ...KUBE_SYSTEM, name: 'p', longRunning: true },
      ],
      [
        'POST',
        `${PODS}/p:61678/proxy/metrics`,
        { verb: 'create', resource: 'pods/proxy', ...KUBE_SYSTEM, name: 'p:61678', longRunning: true },
      ],
      [
        'GET',
        '/api/v1/namespaces/default/pods/p:61678/proxy/metrics',
        { verb: 'get', resource: 'pods/proxy', namespace: 'default', name: 'p:61678', longRunning: true },
      ],
      [
        'GET',
        '/api/v1/namespaces/kube-system/secrets',
        { verb: 'list', resource: 'secrets', ...KUBE_SYSTEM },
      ],
      [
        'GET',
        '/api/v1/namespaces/kube-system/nothings',
        { verb: 'list', resource: 'nothings', ...KUBE_SYSTEM },
      ],
      [
        'GET',
        '/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node',
        { verb: 'get', resource: 'daemonsets', group: 'apps', ...KUBE_SYSTEM, name: 'aws-node' },
      ],
    ] as const satisfies readonly (readonly [string, string, Denied])[]
  ).map(
    ([method, path, action]): Row => ({
      name: `${method} ${path}`,
      request: () => ({ method, path }),
      expected: () => denied(action),
    }),
  ),
];
