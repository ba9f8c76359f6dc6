import { expect } from 'vitest';
import { METRICS_PORT } from '../../../lambda/contract.ts';
import { type ContractCluster, PODS, type PodKind, podOf } from './cluster.ts';
import type { Row } from './rows.ts';
import { refusal, type Seen, TEXT_TYPE } from './seen.ts';

export const metricsPath = (cluster: ContractCluster, kind: PodKind, port = `:${METRICS_PORT}`) =>
  `${PODS}/${podOf(cluster, kind).name}${port}/proxy/metrics`;

const METRICS: Seen = {
  status: 200,
  type: 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  marks: [],
  body: expect.stringMatching(/^# HELP awscni_/),
};
const NOT_FOUND: Seen = { status: 404, type: TEXT_TYPE, marks: ['nosniff'], body: '404 page not found\n' };

const unreachable = (why: unknown) => refusal(503, 'ServiceUnavailable', why);
const dial = (why: string) => (address: string) =>
  unreachable(`error trying to reach service: dial tcp ${address}: ${why}`);

/** What the API server answers for each kind of pod. @param address `<ip>:<port>` */
const ANSWERS: readonly (readonly [PodKind, (address: string) => Seen])[] = [
  ['healthy', () => METRICS],
  ['restarted', () => METRICS],
  ['refused', dial('connect: connection refused')],
  ['crash-looping', dial('connect: connection refused')],
  ['unroutable', dial('connect: no route to host')],
  ['unknown-network', dial('connect: network is unreachable')],
  ['addressless', () => refusal(400, 'BadRequest', 'address not allowed')],
  ['pending', () => refusal(400, 'BadRequest', 'address not allowed')],
  ['own-404', () => NOT_FOUND],
  [
    'own-500',
    () => ({
      status: 500,
      type: TEXT_TYPE,
      marks: ['nosniff'],
      body: 'An error has occurred while serving metrics:\n\ncollected metric twice\n',
    }),
  ],
  ['own-503', () => ({ status: 503, type: TEXT_TYPE, marks: ['nosniff'], body: 'not ready\n' })],
  [
    'garbage',
    () => ({
      status: 200,
      type: 'text/html',
      marks: [],
      body: '<!DOCTYPE html>\n<html><body>It works!</body></html>\n',
    }),
  ],
  ['eof', () => unreachable('error trying to reach service: EOF')],
  [
    'reset',
    (address) =>
      unreachable(
        expect.stringMatching(
          `^error trying to reach service: read tcp [0-9.:]+->${address}: read: connection reset by peer$`,
        ),
      ),
  ],
  [
    'not-http',
    () =>
      unreachable(
        'error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0-OpenSSH_9.6"',
      ),
  ],
];

/** After the API server's dial limit. */
export const BLOCKED = (cluster: ContractCluster) =>
  dial('i/o timeout')(`${podOf(cluster, 'dropped').ip}:${METRICS_PORT}`);

export const PROXY_ROWS: readonly Row[] = [
  ...ANSWERS.map(
    ([kind, answer]): Row => ({
      name: `metrics of a pod that is ${kind}`,
      request: (cluster) => ({ path: metricsPath(cluster, kind) }),
      expected: (cluster) => answer(`${podOf(cluster, kind).ip}:${METRICS_PORT}`),
    }),
  ),
  {
    name: 'metrics of a pod that redirects',
    request: (cluster) => ({ path: metricsPath(cluster, 'redirect') }),
    expected: (cluster) => ({
      status: 302,
      type: 'text/html; charset=utf-8',
      marks: [],
      location: metricsPath(cluster, 'redirect').replace('metrics', 'elsewhere'),
      body: '<a href="/elsewhere">Found</a>.\n\n',
    }),
  },
  {
    name: 'metrics of a pod that does not exist',
    request: () => ({ path: `${PODS}/aws-node-zzzzz:${METRICS_PORT}/proxy/metrics` }),
    expected: () =>
      refusal(404, 'NotFound', 'pods "aws-node-zzzzz" not found', {
        details: { name: 'aws-node-zzzzz', kind: 'pods' },
      }),
  },
  {
    name: 'metrics, gzip',
    request: (cluster) => ({
      path: metricsPath(cluster, 'healthy'),
      headers: { 'accept-encoding': 'gzip' },
    }),
    expected: () => ({ ...METRICS, marks: ['gzip'] }),
  },
  {
    name: 'metrics, HEAD',
    request: (cluster) => ({ method: 'HEAD', path: metricsPath(cluster, 'healthy') }),
    expected: () => ({ ...METRICS, body: '' }),
  },
  {
    name: 'metrics, without a port: that of the first container',
    request: (cluster) => ({ path: metricsPath(cluster, 'healthy', '') }),
    expected: () => METRICS,
  },
  {
    name: 'another port of a pod',
    request: (cluster) => ({ path: metricsPath(cluster, 'healthy', ':1234') }),
    expected: (cluster) => dial('connect: connection refused')(`${podOf(cluster, 'healthy').ip}:1234`),
  },
  {
    name: 'another path of a pod',
    request: (cluster) => ({ path: metricsPath(cluster, 'healthy').replace('metrics', 'nothing') }),
    expected: () => NOT_FOUND,
  },
  {
    name: 'proxy without a path',
    request: (cluster) => ({ path: metricsPath(cluster, 'healthy').replace('/metrics', '') }),
    expected: (cluster) => ({
      status: 301,
      type: undefined,
      marks: [],
      location: metricsPath(cluster, 'healthy').replace('metrics', ''),
      body: '',
    }),
  },
];
