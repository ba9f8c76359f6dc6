import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../lambda/collect/report.ts';
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

test('a node that gives no start time does not take the place of a node whose ipamd restarts', async () => {
  const { fleet, apiServer } = hostile.cluster;
  const { addresses, answers } = apiServer.faults;
  const oldestFirst = fleet.nodes().toSorted((a, b) => a.process.startTime - b.process.startTime);
  const [victim, before] = [oldestFirst.at(0), oldestFirst.at(-1)];
  // A pod of another name has never given one.
  fleet.replacePod(before?.pod ?? '');
  const { pod = '' } = fleet.nodes().find(({ name }) => name === before?.name) ?? {};
  answers.set(pod, answer('awscni_assigned_ip_addresses 3\nawscni_total_ip_addresses 10\n'));
  await hostile.nextCycle();
  addresses.set(pod, victim?.ip ?? '');
  fleet.restart(victim?.pod ?? '');
  const { report } = await hostile.nextCycle();
  addresses.clear();
  answers.clear();
  expect(report?.pods).toMatchObject({ found: 25, read: 25 });
  expect(report?.podLines).toContain(
    `${victim?.pod} on ${victim?.name}: read, ${victim?.pool.assigned()} of ${victim?.pool.total()} addresses assigned`,
  );
});

test.each([
  { what: 'answers for itself', isSilent: false },
  { what: 'gives no answer at first', isSilent: true },
])(
  'a node that claims the address of a node that is down and $what does not hide it',
  async ({ isSilent }) => {
    const { fleet, apiServer } = hostile.cluster;
    const { addresses, pods } = apiServer.faults;
    const oldestFirst = fleet.nodes().toSorted((a, b) => a.process.startTime - b.process.startTime);
    const [victim, offender] = [oldestFirst.at(0), oldestFirst.at(-1)];
    pods.set(victim?.pod ?? '', 'refused');
    addresses.set(offender?.pod ?? '', victim?.ip ?? '');
    if (isSilent) pods.set(offender?.pod ?? '', 'refused');
    let latest: Report | undefined;
    for (let minute = 0; minute < 6; minute += 1) {
      latest = (await hostile.nextCycle()).report;
      expect(latest?.pods).toMatchObject({ found: 25, failed: pods.size });
      pods.delete(offender?.pod ?? '');
    }
    expect(latest?.pods.failures).toMatchObject([{ pods: [victim?.pod] }]);
    addresses.clear();
    pods.clear();
    expect(latest?.metrics).toContainEqual({ name: 'nodesUnread', unit: 'Count', value: 1 });
  },
);

test.each<{
  what: string;
  given: (victimSince: number) => ProxiedAnswer;
  found: number;
  read: number;
  warnings: readonly string[];
}>([
  {
    what: 'whose pod gives no answer',
    given: () => answer('', { status: 403 }),
    found: 25,
    read: 24,
    warnings: ['partial-coverage'],
  },
  { what: 'whose pod answers for itself', given: () => said(1.7e9), found: 25, read: 25, warnings: [] },
  {
    what: 'whose pod answers as if it were that node',
    given: said,
    found: 24,
    read: 24,
    warnings: ['pods-share-node'],
  },
])('a node $what costs no number of the node whose address it claims', async ({ given, ...expected }) => {
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
  const { found, read, warnings } = expected;
  expect(report?.pods).toMatchObject({ found, read });
  expect(report?.warnings.map(({ code }) => code)).toEqual(warnings);
  // What it says of itself is as false as it likes.
  const itself =
    read === 25
      ? reading({ startTime: Number.NaN, gauges: { assignIPAddresses: 3, totalIPAddresses: 10 } })
      : undefined;
  const names = ['assignIPAddresses', 'totalIPAddresses', 'eniAllocated', 'addReqCount', 'delReqCount'];
  const only = (metrics: readonly { name: string }[] = []) =>
    metrics.filter(({ name }) => names.includes(name));
  expect(only(inOrder(report?.metrics))).toEqual(only(expectedMetrics(first, second, pod, itself)));
});
