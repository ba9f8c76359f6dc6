import type { CniFacts, Duration } from '../domain/cni-facts.ts';
import { releaseNumber } from '../domain/cni-release.ts';
import { totalOf } from '../domain/exact-sum.ts';
import { type NamedPods, podsText } from '../domain/named-pods.ts';
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
  const versions = [...facts.versions].sort(([a], [b]) => releaseOrder(a, b));
  const oldest = versions.find(([version]) => !Number.isNaN(releaseNumber(version)))?.[0];
  const failures = [...facts.startupFailures].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    versions: Object.fromEntries(versions),
    ...(oldest !== undefined && { oldest }),
    ...(facts.connmarkPods.count > 0 && {
      connmarkErrors: { errors: totalOf(facts.connmarkErrors), ...facts.connmarkPods },
    }),
    ...(failures.length > 0 && {
      startupFailures: failures.map(([reason, pods]) => ({ reason, ...pods })),
    }),
    ...(facts.slowestStartup && { slowestStartup: facts.slowestStartup }),
    ...(facts.slowestNodeInit && { slowestNodeInitialization: facts.slowestNodeInit }),
  };
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
