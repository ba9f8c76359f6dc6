import { ALL_OTHERS, mostFrequent } from '../domain/all-others.ts';
import type { CniFacts, Duration } from '../domain/cni-facts.ts';
import { releaseNumber } from '../domain/cni-release.ts';
import { totalOf } from '../domain/exact-sum.ts';
import { type NamedPods, namedPods, podsText } from '../domain/named-pods.ts';
import type { Warning } from './warning.ts';

/** What the pods that were read say about their CNI. */
export interface CniReport {
  /** Version → pods that run it, the oldest first; `unknown` for pods that do not expose it. */
  readonly versions: Readonly<Record<string, number>>;
  readonly oldest?: string;
  /** Failed reconciliations of the connection marks since the ipamd of these pods started. */
  readonly connmarkErrors?: { readonly errors: number } & Readonly<NamedPods>;
  readonly startupFailures?: readonly ({ readonly reason: string } & Readonly<NamedPods>)[];
  /** The longest of all pods, seconds. */
  readonly slowestStartup?: Duration;
  readonly slowestNodeInitialization?: Duration;
}

export function cniReportOf(facts: CniFacts): CniReport {
  const oldest = [...facts.versions.keys()]
    .filter((version) => !Number.isNaN(releaseNumber(version)))
    .sort(releaseOrder)[0];
  const failures = failuresOf(facts);
  return {
    versions: versionsOf(facts),
    ...(oldest !== undefined && { oldest }),
    ...(facts.connmarkPods.count > 0 && {
      connmarkErrors: { errors: totalOf(facts.connmarkErrors), ...facts.connmarkPods },
    }),
    ...(failures.length > 0 && { startupFailures: failures }),
    ...(facts.slowestStartup && { slowestStartup: facts.slowestStartup }),
    ...(facts.slowestNodeInit && { slowestNodeInitialization: facts.slowestNodeInit }),
  };
}

/** Versions, and reasons, that are named: each pod of a hostile cluster can have its own, and the report is one line of the log. */
const MAX_NAMED = 20;

function versionsOf({ versions }: CniFacts): CniReport['versions'] {
  const { named, others } = mostFrequent([...versions], MAX_NAMED, ([, pods]) => pods);
  const count = others.reduce((sum, [, pods]) => sum + pods, 0);
  return Object.fromEntries([
    ...named.sort(([a], [b]) => releaseOrder(a, b)),
    ...(count > 0 ? [[ALL_OTHERS, count] as const] : []),
  ]);
}

function failuresOf({ startupFailures }: CniFacts): NonNullable<CniReport['startupFailures']> {
  const { named, others } = mostFrequent([...startupFailures], MAX_NAMED, ([, { count }]) => count);
  const together = {
    reason: ALL_OTHERS,
    count: others.reduce((sum, [, { count }]) => sum + count, 0),
    pods: namedPods([...new Set(others.flatMap(([, { pods }]) => pods))]).pods,
  };
  return [
    ...named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([reason, pods]) => ({ reason, ...pods })),
    ...(others.length > 0 ? [together] : []),
  ];
}

/** Ascending; texts that name no release last. */
function releaseOrder(a: string, b: string): number {
  const [first, second] = [releaseNumber(a), releaseNumber(b)].map((number) => number || Infinity);
  return first === second ? (a < b ? -1 : 1) : Number(first) - Number(second);
}

export function cniWarnings({ connmarkErrors, startupFailures = [] }: CniReport): Warning[] {
  return [
    ...(connmarkErrors
      ? [
          {
            code: 'connmark-errors' as const,
            message: `${connmarkErrors.errors} reconciliations of connection marks failed on ${podsText(connmarkErrors)} since ipamd started`,
          },
        ]
      : []),
    ...startupFailures.map(({ reason, ...pods }) => ({
      code: 'ipamd-startup-failed' as const,
      message: `${reason} on ${podsText(pods)}`,
    })),
  ];
}
