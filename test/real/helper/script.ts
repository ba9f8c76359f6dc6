import type { Ipamd } from '../ipamd.ts';
import { NETWORKS } from '../network.ts';

/** Series of ipamd that this script counts up. */
const ADD = 'awscni_add_ip_req_count';
const DELETE = 'awscni_del_ip_req_count{reason="PodDeleted"}';
const CALL = 'awscni_ec2api_req_count{fn="DescribeNetworkInterfaces"}';
const AWS_ERROR = 'awscni_aws_api_error_count{api="CreateNetworkInterface",error="RequestLimitExceeded"}';
const ERROR = 'awscni_ipamd_error_count{fn="nodeInit"}';
const RECONCILE = 'awscni_reconcile_count{fn="eniReconcileAdd"}';

export interface ScriptPod {
  readonly name: string;
  readonly ip: string;
  readonly node: string;
}

/** Five nodes, in the order of the list. */
export const SCRIPT_PODS: readonly ScriptPod[] = [1, 2, 3, 4, 5].map((number) => ({
  name: `aws-node-${number}`,
  ip: `${NETWORKS.local}.0.${number}`,
  node: `node-${number}`,
}));

type Increments = Readonly<Record<string, number>>;

/** The events between two polls. */
interface Step {
  /** By node, from the first on. */
  readonly adds?: readonly Increments[];
  /** The number of a node whose ipamd restarts, before it adds. */
  readonly restarts?: number;
  /** The number of a node that cannot be reached in the next poll. */
  readonly closes?: number;
  readonly opens?: number;
}

const pod: Increments = { [ADD]: 1, [DELETE]: 1, [CALL]: 2 };
const burst: Increments = { ...pod, [ADD]: 10, [CALL]: 4 };
const throttled: Increments = { ...pod, [AWS_ERROR]: 2, [ERROR]: 1 };

/** What every process has counted when the first poll reads it. */
const TOTALS: Increments = {
  [ADD]: 100,
  [DELETE]: 90,
  [CALL]: 40,
  [AWS_ERROR]: 1,
  [ERROR]: 2,
  [RECONCILE]: 7,
};

/** After each poll but the last. */
const STEPS: readonly Step[] = [
  { adds: [burst, pod, pod, pod, pod] },
  { adds: [throttled, pod, pod, pod, pod] },
  { restarts: 2, adds: [pod, { [ADD]: 3 }, pod, pod, pod] },
  { closes: 3, adds: [pod, pod, pod, pod, pod] },
  { opens: 3 },
  {},
  {},
];

export const POLLS = STEPS.length + 1;

/** Prepares the pods for the first poll. */
export async function prepare(ipamd: Ipamd): Promise<void> {
  await ipamd.set(
    Object.fromEntries(SCRIPT_PODS.map(({ ip }) => [ip, { values: TOTALS, start: 1_790_000_000 }])),
  );
}

/** Lets applyEvents what follows a poll. @param poll from 0 */
export async function applyEvents(ipamd: Ipamd, poll: number): Promise<void> {
  const { adds = [], restarts, closes, opens } = STEPS[poll] ?? {};
  const ipOf = (number: number) => SCRIPT_PODS[number - 1]?.ip ?? '';
  if (restarts !== undefined) await ipamd.restart([ipOf(restarts)]);
  if (closes !== undefined) await ipamd.set({ [ipOf(closes)]: { mode: 'closed' } });
  if (opens !== undefined) await ipamd.set({ [ipOf(opens)]: { mode: '' } });
  await ipamd.add(Object.fromEntries(adds.map((values, index) => [ipOf(index + 1), { values }])));
}

/** Events of a family after the first poll. */
export const eventsOf = (family: string): number =>
  STEPS.flatMap(({ adds = [] }) => adds).reduce((sum, values) => sum + familyTotal(values, family), 0);

/** The sum of a family's series. */
export const familyTotal = (values: Increments, family: string): number =>
  Object.entries(values)
    .filter(([series]) => series === family || series.startsWith(`${family}{`))
    .reduce((sum, [, value]) => sum + value, 0);
