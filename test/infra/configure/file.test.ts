import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Discovered } from '../../../infra/configure/choose.ts';
import { writeEntry } from '../../../infra/configure/file.ts';
import type { Entry } from '../../../infra/entry.ts';
import { EXAMPLE } from '../../support/stack-template.ts';
import { temporaryFolder } from '../../support/temporary-files.ts';

let file: string;
beforeEach(() => {
  file = join(temporaryFolder(), 'clusters.json');
});

const has = (...clusters: Entry[]) => writeFileSync(file, JSON.stringify({ clusters }));
const clusters = (): Entry[] => JSON.parse(readFileSync(file, 'utf8')).clusters;

const { alarms, ...EXISTING } = EXAMPLE;
const FOUND = {
  ...EXISTING,
  access: 'access-entry',
  settings: { SUBNET_METRICS: true },
  cluster: { ...EXAMPLE.cluster, endpoint: 'https://new.example' },
};
const found = (changes: Partial<Discovered> = {}) => ({ ...FOUND, ...changes }) as Discovered;

test('the first cluster makes the file', () => {
  writeEntry(file, found());
  expect(clusters()).toEqual([FOUND]);
});

test('what people chose in an entry stays, what was found out is renewed', () => {
  const other: Entry = { ...EXISTING, region: 'eu-west-1', stackName: 'west' };
  const settings = { METRIC_UPDATE_INTERVAL: 5 };
  has({ ...EXAMPLE, settings, access: 'aws-auth', nodeSecurityGroupIds: ['sg-00000000000000001'] }, other);
  writeEntry(file, found());
  expect(clusters()).toEqual([
    {
      ...FOUND,
      alarms,
      settings: { SUBNET_METRICS: true, ...settings },
      access: 'aws-auth',
      nodeSecurityGroupIds: ['sg-00000000000000001'],
    },
    other,
  ]);
});

test('what the stack has made stays beside what was found missing later', () => {
  has({ ...EXAMPLE, endpoints: ['monitoring', 's3'], nodeSecurityGroupIds: ['sg-00000000000000001'] });
  writeEntry(file, found({ endpoints: ['monitoring'], nodeSecurityGroupIds: ['sg-00000000000000002'] }));
  expect(clusters()[0]).toMatchObject({
    endpoints: ['monitoring', 's3'],
    nodeSecurityGroupIds: ['sg-00000000000000001', 'sg-00000000000000002'],
  });
});

test('a way of access that the cluster does not know does not stay', () => {
  has({ ...EXAMPLE, access: 'access-entry' });
  writeEntry(file, found({ access: 'aws-auth' }));
  expect(clusters()[0]?.access).toBe('aws-auth');
});

test('a cluster of the same name elsewhere gets a stack name of its own', () => {
  has(EXAMPLE);
  writeEntry(file, found({ account: '444455556666', region: 'us-east-1' }));
  expect(clusters().map(({ stackName }) => stackName)).toEqual([
    undefined,
    'cni-metrics-production-us-east-1-444455556666',
  ]);
});

test('a file with faults is left as it is', () => {
  writeFileSync(file, '{"clusters":[{}]}');
  expect(() => writeEntry(file, found())).toThrow('clusters[0]');
  expect(readFileSync(file, 'utf8')).toBe('{"clusters":[{}]}');
});

test('where alarms send their messages is added to what is there', () => {
  const overrides = { ipamdBusy: false };
  has({ ...EXISTING, alarms: { overrides } });
  const topicArn = 'arn:aws:sns:eu-central-1:111122223333:on-call';
  expect(writeEntry(file, found(), { topicArn }).alarms).toEqual({ overrides, topicArn });
  expect(() => writeEntry(file, found(), { email: 'on-call@example.com' })).toThrow('email creates topics');
  expect(clusters()[0]?.alarms).toEqual({ overrides, topicArn });
});

test('an interval that people chose stays where the audit log is on', () => {
  const settings = { METRIC_UPDATE_INTERVAL: 2 };
  has({ ...EXISTING, settings });
  writeEntry(file, found({ settings: { METRIC_UPDATE_INTERVAL: 5 } }));
  expect(clusters()[0]?.settings).toEqual(settings);
});

test('an entry that reads the nodes directly keeps the blocks that people added, and its choice of none', () => {
  const direct = { SCRAPE_VIA: 'node' as const, NODE_CIDRS: ['10.0.0.0/16', '100.64.0.0/16'] };
  has({ ...EXAMPLE, settings: { SCRAPE_VIA: 'node', NODE_CIDRS: ['10.9.0.0/16', '10.0.0.0/16'] } });
  expect(writeEntry(file, found({ direct })).settings?.NODE_CIDRS).toEqual([
    '10.9.0.0/16',
    '10.0.0.0/16',
    '100.64.0.0/16',
  ]);
  has({ ...EXAMPLE, settings: { SCRAPE_VIA: 'node' } });
  expect(writeEntry(file, found({ direct })).settings).toEqual({ SUBNET_METRICS: true, SCRAPE_VIA: 'node' });
});
