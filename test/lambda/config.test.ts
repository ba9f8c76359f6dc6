import { describe, expect, test } from 'vitest';
import { type Config, parseConfig } from '../../lambda/config.ts';
import { VARIABLES } from '../../lambda/contract.ts';
import { CollectorError } from '../../lambda/errors.ts';
import { createAuthority } from '../../local/certificates.ts';

const { certificate: pem } = await createAuthority('kubernetes');
const ca = Buffer.from(pem).toString('base64');

const DEFAULTS: Config = {
  clusterName: 'prod',
  endpoint: undefined,
  clusterId: { value: 'prod' },
  namespace: 'Kubernetes',
  publish: true,
  pods: 'aws-node',
  scrape: { timeoutMs: 3_000, concurrency: 100 },
  scrapeVia: 'api-server',
  nodeCidrs: undefined,
  state: undefined,
  subnets: undefined,
  logLevel: 'info',
};

test('a cluster name is all it needs', () => {
  expect(parseConfig({ CLUSTER_NAME: 'prod' })).toEqual(DEFAULTS);
});

test('ignores variables that are not its own', () => {
  expect(parseConfig({ CLUSTER_NAME: 'prod', AWS_REGION: 'eu-north-1', PATH: '/bin' })).toEqual(DEFAULTS);
});

test('endpoint and CA of the API server', () => {
  const env = { CLUSTER_NAME: 'prod', CLUSTER_ENDPOINT: 'https://[::1]:6443', CLUSTER_CA: ca };
  expect(parseConfig(env).endpoint).toEqual({ url: new URL('https://[::1]:6443'), ca: pem });
});

test.each<{ env: Record<string, string>; config: Partial<Config> }>([
  { env: { AWS_CLUSTER_ID: 'My cluster' }, config: { clusterId: { value: 'My cluster' } } },
  { env: { CLUSTER_ID_FROM: 'cluster-name' }, config: {} },
  { env: { CLUSTER_ID_FROM: 'ec2-tags' }, config: { clusterId: { from: 'ec2-tags' } } },
  { env: { METRICS_NAMESPACE: 'Team/CNI new' }, config: { namespace: 'Team/CNI new' } },
  { env: { USE_CLOUDWATCH: 'no' }, config: { publish: false } },
  { env: { USE_CLOUDWATCH: 'False' }, config: { publish: false } },
  { env: { USE_CLOUDWATCH: 'YES' }, config: { publish: true } },
  { env: { SCRAPE_TIMEOUT_MS: '5000' }, config: { scrape: { timeoutMs: 5_000, concurrency: 100 } } },
  { env: { SCRAPE_CONCURRENCY: '1' }, config: { scrape: { timeoutMs: 3_000, concurrency: 1 } } },
  {
    env: { STATE_BUCKET: 'cni-state' },
    config: { state: { bucket: 'cni-state', key: 'cni-metrics/prod.json.gz' } },
  },
  {
    env: { STATE_BUCKET: 'cni-state', STATE_KEY: 'a/b.gz' },
    config: { state: { bucket: 'cni-state', key: 'a/b.gz' } },
  },
  {
    env: { STATE_BUCKET: 'cni-state', STATE_KEY: 'k'.repeat(900) },
    config: { state: { bucket: 'cni-state', key: 'k'.repeat(900) } },
  },
  {
    env: { PODS: 'none', SUBNET_METRICS: 'true' },
    config: { pods: 'none', subnets: { ids: [] } },
  },
  { env: { PODS: 'aws-node' }, config: {} },
  {
    env: { STATE_BUCKET: 'cni-state', STATE_ENCRYPTION: 'AES256' },
    config: { state: { bucket: 'cni-state', key: 'cni-metrics/prod.json.gz', encryption: 'AES256' } },
  },
  {
    env: {
      STATE_BUCKET: 'cni-state',
      STATE_ENCRYPTION: 'arn:aws-eusc:kms:eusc-de-east-1:111122223333:key/1-a',
    },
    config: {
      state: {
        bucket: 'cni-state',
        key: 'cni-metrics/prod.json.gz',
        encryption: 'arn:aws-eusc:kms:eusc-de-east-1:111122223333:key/1-a',
      },
    },
  },
  { env: { SUBNET_METRICS: 'true' }, config: { subnets: { ids: [] } } },
  { env: { SUBNET_METRICS: 'false' }, config: {} },
  {
    env: { SUBNET_METRICS: 'yes', SUBNET_IDS: 'subnet-0a1b2c3d, subnet-0123456789abcdef0' },
    config: { subnets: { ids: ['subnet-0a1b2c3d', 'subnet-0123456789abcdef0'] } },
  },
  {
    env: { SCRAPE_VIA: 'node', NODE_CIDRS: '10.0.0.0/16, 100.64.0.0/10' },
    config: { scrapeVia: 'node', nodeCidrs: ['10.0.0.0/16', '100.64.0.0/10'] },
  },
  { env: { LOG_LEVEL: 'DEBUG' }, config: { logLevel: 'debug' } },
])('$env', ({ env, config }) => {
  expect(parseConfig({ CLUSTER_NAME: 'prod', ...env })).toEqual({ ...DEFAULTS, ...config });
});

function faultsOf(env: Record<string, string>): string {
  try {
    parseConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(CollectorError);
    const { code, message } = error as CollectorError;
    expect(code).toBe('config-invalid');
    return message.replace(/^config-invalid: /, '').replace(/\. Correct the variables named\..*$/, '');
  }
  throw new Error('nothing was refused');
}

describe('refuses', () => {
  const CIDRS = 'IPv4 CIDR blocks with commas between them (10.0.0.0/16,100.64.0.0/16)';
  const SUBNETS = 'subnet ids with commas between them (subnet-0a1b2c3d,subnet-4e5f6a7b)';
  const URL_TAKES = 'the https:// URL of the API server, without a path';
  const CA_TAKES = 'certificateAuthority.data of the cluster: PEM certificates in base64';

  test('no environment at all', () => {
    expect(faultsOf({})).toBe('CLUSTER_NAME is missing: it takes the name of the EKS cluster');
  });

  test.each(VARIABLES)('an empty %s', (name) => {
    const env = { CLUSTER_NAME: 'prod', STATE_BUCKET: 'b-1', SUBNET_METRICS: 'true', [name]: '' };
    expect(faultsOf(env)).toContain(`${name} is "", but takes a value, or no such variable at all`);
  });

  test.each([
    {
      CLUSTER_NAME: 'my cluster',
      takes: 'the name of an EKS cluster: letters, digits, - and _, 100 at most',
    },
    { CLUSTER_NAME: '-prod', takes: 'the name of an EKS cluster: letters, digits, - and _, 100 at most' },
    { CLUSTER_ENDPOINT: 'http://10.0.0.1', takes: URL_TAKES },
    { CLUSTER_ENDPOINT: '10.0.0.1:443', takes: URL_TAKES },
    { CLUSTER_ENDPOINT: 'https://10.0.0.1/api', takes: URL_TAKES },
    { CLUSTER_ENDPOINT: 'https://user@10.0.0.1', takes: URL_TAKES },
    { CLUSTER_CA: '-----BEGIN CERTIFICATE-----', takes: CA_TAKES },
    { CLUSTER_ID_FROM: 'tags', takes: 'cluster-name, ec2-tags' },
    {
      AWS_CLUSTER_ID: ':prod',
      takes: '1 to 1,024 printable ASCII characters that do not start with a colon',
    },
    {
      AWS_CLUSTER_ID: 'größe',
      takes: '1 to 1,024 printable ASCII characters that do not start with a colon',
    },
    {
      METRICS_NAMESPACE: 'AWS/EKS',
      takes: 'a CloudWatch namespace: 255 characters of letters, digits and . _ - / # : at most, not AWS/…',
    },
    { USE_CLOUDWATCH: '1', takes: 'yes, true, no, false' },
    { USE_CLOUDWATCH: 'on', takes: 'yes, true, no, false' },
    { SCRAPE_TIMEOUT_MS: '5001', takes: 'a whole number from 10 to 5000' },
    { SCRAPE_TIMEOUT_MS: '3s', takes: 'a whole number from 10 to 5000' },
    { SCRAPE_TIMEOUT_MS: '0x10', takes: 'a whole number from 10 to 5000' },
    { SCRAPE_CONCURRENCY: '0', takes: 'a whole number from 1 to 1000' },
    { SCRAPE_CONCURRENCY: '-1', takes: 'a whole number from 1 to 1000' },
    { STATE_BUCKET: 's3://bucket', takes: 'the name of an S3 bucket' },
    { STATE_KEY: '/key', takes: 'an S3 key of 900 characters at most that does not start with /' },
    { SCRAPE_VIA: 'proxy', takes: 'api-server, node' },
    { NODE_CIDRS: '10.0.0.0/7', takes: CIDRS },
    { NODE_CIDRS: '10.0.0.256/16', takes: CIDRS },
    { NODE_CIDRS: '2001:db8::/32', takes: CIDRS },
    { PODS: 'some', takes: 'aws-node, none' },
    { STATE_ENCRYPTION: 'aws:kms', takes: 'AES256, or the ARN of a KMS key' },
    { SUBNET_METRICS: 'maybe', takes: 'yes, true, no, false' },
    { SUBNET_IDS: 'subnet-0a1b2c3d,', takes: SUBNETS },
    { SUBNET_IDS: 'subnet-0a1b2c3d subnet-4e5f6a7b', takes: SUBNETS },
    { LOG_LEVEL: 'trace', takes: 'debug, info, warn, error' },
  ])('$takes: %o', ({ takes, ...env }) => {
    const [[name, value] = []] = Object.entries(env);
    const others = {
      CLUSTER_ENDPOINT: 'https://10.0.0.1',
      CLUSTER_CA: ca,
      STATE_BUCKET: 'b-1',
      SUBNET_METRICS: 'yes',
      SCRAPE_VIA: 'node',
    };
    expect(faultsOf({ CLUSTER_NAME: 'prod', ...others, ...env })).toBe(
      `${name} is ${JSON.stringify(value)}, but takes ${takes}`,
    );
  });

  test('base64 that holds no certificate, without printing all of it', () => {
    const text = Buffer.from(pem.replace('M', '!')).toString('base64');
    const faults = faultsOf({ CLUSTER_NAME: 'prod', CLUSTER_ENDPOINT: 'https://10.0.0.1', CLUSTER_CA: text });
    expect(faults).toMatch(
      /^CLUSTER_CA is "[^"]{80}"… \(\d+ characters\), but takes certificateAuthority\.data .* \(.+\)$/,
    );
  });

  test('an S3 key of 901 characters', () => {
    const env = { CLUSTER_NAME: 'prod', STATE_BUCKET: 'b-1', STATE_KEY: 'k'.repeat(901) };
    expect(faultsOf(env)).toBe(
      `STATE_KEY is "${'k'.repeat(80)}"… (901 characters), but takes an S3 key of 900 characters at most that does not start with /`,
    );
  });

  test.each([
    {
      env: { CLUSTER_ENDPOINT: 'https://10.0.0.1' },
      fault: 'CLUSTER_ENDPOINT and CLUSTER_CA go together: set both, or neither to ask EKS',
    },
    {
      env: { AWS_CLUSTER_ID: 'x', CLUSTER_ID_FROM: 'ec2-tags' },
      fault: 'AWS_CLUSTER_ID and CLUSTER_ID_FROM=ec2-tags exclude each other: remove one',
    },
    { env: { STATE_KEY: 'x' }, fault: 'STATE_KEY needs STATE_BUCKET' },
    {
      env: { PODS: 'none' },
      fault: 'PODS=none needs SUBNET_METRICS=true: nothing else is left to publish',
    },
    { env: { STATE_ENCRYPTION: 'AES256' }, fault: 'STATE_ENCRYPTION needs STATE_BUCKET' },
    { env: { NODE_CIDRS: '10.0.0.0/16' }, fault: 'NODE_CIDRS needs SCRAPE_VIA=node' },
    {
      env: { SCRAPE_VIA: 'node', SCRAPE_CONCURRENCY: '251' },
      fault: 'SCRAPE_VIA=node takes a SCRAPE_CONCURRENCY of 250 at the most',
    },
    { env: { SUBNET_IDS: 'subnet-0a1b2c3d' }, fault: 'SUBNET_IDS needs SUBNET_METRICS=true' },
  ])('a conflict: $fault', ({ env, fault }) => {
    expect(faultsOf({ CLUSTER_NAME: 'prod', ...env })).toBe(fault);
  });

  test('every fault is in one message', () => {
    expect(faultsOf({ SCRAPE_TIMEOUT_MS: '1', LOG_LEVEL: '?', STATE_KEY: 'k' }).split('; ')).toEqual([
      'CLUSTER_NAME is missing: it takes the name of the EKS cluster',
      'STATE_KEY needs STATE_BUCKET',
      'SCRAPE_TIMEOUT_MS is "1", but takes a whole number from 10 to 5000',
      'LOG_LEVEL is "?", but takes debug, info, warn, error',
    ]);
  });
});
