import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProxiedAnswer } from '../../local/api-server/pod-fault.ts';
import { reading } from '../support/reading.ts';
import {
  answer,
  expectedMetrics,
  type HostileCluster,
  inOrder,
  startHostileCluster,
} from './hostile-cluster.ts';

// A node reports the address of its pods itself, so a compromised one can claim that of another node.

let hostile: HostileCluster;
beforeAll(async () => {
  hostile = await startHostileCluster(12);
  await hostile.nextCycle();
});
afterAll(() => hostile[Symbol.asyncDispose]());

const said = (startTime: number) =>
  answer(
    `process_start_time_seconds ${startTime}\nawscni_assigned_ip_addresses 3\nawscni_total_ip_addresses 10\n`,
  );

test.each<{ what: string; given: (victimSince: number) => ProxiedAnswer; isRead: boolean }>([
  { what: 'whose pod gives no answer', given: () => answer('', { status: 403 }), isRead: false },
  { what: 'whose pod answers for itself', given: () => said(1.7e9), isRead: true },
  { what: 'whose pod answers as if it were that node', given: said, isRead: true },
])('a node $what costs no number of the node whose address it claims', async ({ given, isRead }) => {
  const { fleet, apiServer } = hostile.cluster;
  const { addresses, answers } = apiServer.faults;
  const oldestFirst = fleet.nodes().toSorted((a, b) => a.process.startTime - b.process.startTime);
  const [victim, offender] = [oldestFirst.at(0), oldestFirst.at(-1)];
  const since = victim?.process.startTime ?? Number.NaN;
  const { pod = '' } = offender ?? {};
  await hostile.nextCycle();
  const first = hostile.moment();
  addresses.set(pod, victim?.ip ?? '');
  answers.set(pod, given(since));
  const { report } = await hostile.nextCycle();
  const second = hostile.moment();
  addresses.clear();
  answers.clear();
  // What it says of itself is as false as it likes.
  const itself = isRead
    ? reading({ startTime: Number.NaN, gauges: { assignIPAddresses: 3, totalIPAddresses: 10 } })
    : undefined;
  expect(report?.pods).toMatchObject({ found: 25, read: isRead ? 25 : 24 });
  const names = ['assignIPAddresses', 'totalIPAddresses', 'eniAllocated', 'addReqCount', 'awsNodePods'];
  const only = (metrics: readonly { name: string }[] = []) =>
    metrics.filter(({ name }) => names.includes(name));
  expect(only(inOrder(report?.metrics))).toEqual(only(expectedMetrics(first, second, pod, itself)));
});
