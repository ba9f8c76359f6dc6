import { expect, test } from 'vitest';
import { ec2TagClusterId } from '../../../../lambda/adapters/aws/cluster-id.ts';
import { type Tags, tagSet } from '../../../../local/aws/ec2-action.ts';
import type { AwsFault } from '../../../../local/aws/endpoint.ts';
import { ec2For } from '../../../support/aws-services.ts';
import { deadlineIn } from '../../../support/deadline.ts';

const OWNED = { 'kubernetes.io/cluster/blue': 'owned' };
const blue = () => ec2TagClusterId({ clusterName: 'blue', region: 'eu-central-1' });

/** DescribeInstances over these instances, all running; `scanned` of them a page before the filters apply. */
const startEc2 = (instances: readonly Tags[], scanned = 1000) => {
  const resources = () =>
    instances.map((tags) => ({
      filters: { 'instance-state-name': 'running' },
      tags,
      xml: { instancesSet: [{ tagSet: tagSet(tags) }] },
    }));
  return ec2For({ DescribeInstances: { set: 'reservationSet', resources } }, scanned);
};

test.each<{ what: string; instances: readonly Tags[]; value: string }>([
  {
    what: 'eks:cluster-name before all others',
    instances: [
      { ...OWNED, Name: 'a', CLUSTER_ID: 'b' },
      { ...OWNED, 'eks:cluster-name': 'blue', CLUSTER_ID: 'b' },
      { ...OWNED, Name: 'a' },
    ],
    value: 'blue',
  },
  {
    what: 'CLUSTER_ID before Name',
    instances: [{ ...OWNED, Name: 'a' }, { ...OWNED, CLUSTER_ID: 'team-blue', Name: 'z' }, OWNED],
    value: 'team-blue',
  },
  {
    what: 'of several names the lowest, whatever their order',
    instances: [
      { ...OWNED, Name: 'c' },
      { ...OWNED, Name: 'a' },
      { ...OWNED, Name: 'b' },
    ],
    value: 'a',
  },
  {
    what: 'the value of most instances: a single one does not rename the metrics',
    instances: [
      { ...OWNED, CLUSTER_ID: 'aaa' },
      { ...OWNED, CLUSTER_ID: 'team-blue' },
      { ...OWNED, CLUSTER_ID: 'team-blue' },
    ],
    value: 'team-blue',
  },
  {
    what: 'only a value that CloudWatch takes',
    instances: [
      { ...OWNED, 'eks:cluster-name': ' ', CLUSTER_ID: ':blue' },
      { ...OWNED, CLUSTER_ID: 'bl\u00fce' },
      { ...OWNED, CLUSTER_ID: '\u202eblue', Name: 'node-1' },
    ],
    value: 'node-1',
  },
  {
    what: 'no other name as eks:cluster-name, which EKS does not set',
    instances: [
      { ...OWNED, 'eks:cluster-name': 'evil' },
      { ...OWNED, CLUSTER_ID: 'team-blue' },
      { ...OWNED, CLUSTER_ID: 'team-blue' },
    ],
    value: 'team-blue',
  },
  {
    what: 'an instance that has only eks:cluster-name',
    instances: [{ Name: 'bastion' }, { Name: 'db' }, { 'eks:cluster-name': 'blue' }],
    value: 'blue',
  },
])('takes $what', async ({ instances, value }) => {
  await startEc2(instances);
  expect(await blue().resolve(deadlineIn())).toEqual({ value });
});

test('asks until it has found a tag, and then no longer', async () => {
  const instances: Tags[] = [];
  const { requests } = await startEc2(instances);
  const source = blue();
  const none = 'no running instance of blue in eu-central-1 has a tag eks:cluster-name, CLUSTER_ID, Name';
  expect(await source.resolve(deadlineIn())).toEqual({
    value: 'blue',
    warning: `${none}; the cluster's name blue is used`,
  });
  instances.push({ ...OWNED, CLUSTER_ID: 'team-blue' }, {}, {});
  expect(await source.resolve(deadlineIn())).toEqual({ value: 'team-blue' });
  const asked = requests.length;
  expect(await source.resolve(deadlineIn())).toEqual({ value: 'team-blue' });
  expect(requests).toHaveLength(asked);
});

test('follows pages that the filters left empty, but not through a whole account', async () => {
  const strangers = (count: number) => Array.from({ length: count }, () => ({ Name: 'stranger' }));
  const { requests: near } = await startEc2([...strangers(40), { ...OWNED, Name: 'blue-node' }], 10);
  expect(await blue().resolve(deadlineIn())).toEqual({ value: 'blue-node' });
  expect(near).toHaveLength(5);
  const { requests: far } = await startEc2([...strangers(5000), { ...OWNED, Name: 'blue-node' }], 10);
  expect(await blue().resolve(deadlineIn())).toMatchObject({ value: 'blue', warning: expect.any(String) });
  expect(far).toHaveLength(10);
});

/** EC2 that answers every request with this. */
async function startBrokenEc2(fault: AwsFault): Promise<void> {
  const { faults } = await startEc2([]);
  faults.always = fault;
}

test('names the permission that is missing', async () => {
  await startBrokenEc2({ status: 403, code: 'UnauthorizedOperation', message: 'not authorized' });
  expect(await blue().resolve(deadlineIn())).toEqual({
    value: 'blue',
    warning:
      "DescribeInstances in eu-central-1 failed (UnauthorizedOperation: not authorized): allow ec2:DescribeInstances; the cluster's name blue is used",
  });
});

test('no answer ends at the deadline and names the way to EC2', async () => {
  await startBrokenEc2('hang');
  expect(await blue().resolve(deadlineIn(50))).toEqual({
    value: 'blue',
    warning:
      "no answer from EC2 in eu-central-1 within 50 ms: give the function a network path to EC2 (interface endpoint ec2 or NAT); the cluster's name blue is used",
  });
});

test('any other error is reported as it is', async () => {
  await startBrokenEc2({ status: 400, code: 'InvalidParameterValue', message: 'odd' });
  const { warning } = await blue().resolve(deadlineIn());
  expect(warning).toContain('DescribeInstances in eu-central-1 failed (InvalidParameterValue: odd)');
});
