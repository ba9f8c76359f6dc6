import { expect, test, vi } from 'vitest';
import { CLIENT_LIMITS, callOptions, SHORT_CALLS_MS } from '../../../../lambda/adapters/aws/client-limits.ts';
import { clusterSubnets } from '../../../../lambda/adapters/aws/subnets.ts';
import { budgetOf } from '../../../../lambda/collect/budget.ts';
import { Deadline } from '../../../../lambda/deadline.ts';
import { subnetAction, subnetResource } from '../../../../local/aws/vpc.ts';
import { createVirtualClock } from '../../../../local/virtual-clock.ts';
import { ec2For } from '../../../support/aws-services.ts';
import { deadlineIn } from '../../../support/deadline.ts';
import { startDroppingNetwork } from '../../../support/dropping-network.ts';

const clock = createVirtualClock();

/** The SDK's pause before the second attempt is at most this. */
const PAUSE_MS = 100;

test.each([2_500, ...Object.values(SHORT_CALLS_MS), 8_000, 38_000])('all attempts fit into %i ms', (ms) => {
  const { requestTimeout } = callOptions(Deadline.in(ms, clock));
  expect(CLIENT_LIMITS.maxAttempts * requestTimeout + PAUSE_MS).toBeLessThan(ms);
});

test.each([15_000, 50_000, 900_000])('every call of a cycle of %i ms has time for two attempts', (ms) => {
  const { acquire, subnets, prepare, publish, end } = budgetOf(Deadline.in(ms, clock));
  for (const deadline of [acquire, subnets(), prepare(), publish, end()]) {
    const { requestTimeout } = callOptions(deadline);
    expect(requestTimeout).toBeGreaterThanOrEqual(500);
    expect(2 * requestTimeout + PAUSE_MS).toBeLessThan(deadline.remainingMs);
  }
});

test('after the deadline a call ends at once', () => {
  expect(callOptions(Deadline.in(-1, clock)).requestTimeout).toBe(1);
});

test('connections that died since the last cycle do not cost the subnets', async () => {
  const seed = { id: 'subnet-a', vpcId: 'vpc-1', cidr: '10.0.0.0/20', available: 3210 };
  const ec2 = await ec2For({ DescribeSubnets: subnetAction(() => [subnetResource(seed)]) });
  const network = await startDroppingNetwork(Number(new URL(ec2.url).port));
  vi.stubEnv('AWS_ENDPOINT_URL_EC2', `http://127.0.0.1:${network.endpoint.port}`);
  const read = clusterSubnets({
    clusterName: 'prod',
    region: 'eu-central-1',
    ids: ['subnet-a'],
    eks: undefined,
  });
  const names = async (ms: number) => (await read(deadlineIn(ms))).subnets.map(({ id }) => id);
  expect(await names(30_000)).toEqual(['subnet-a']);
  network.drop();
  expect(await names(2_000)).toEqual(['subnet-a']);
});
