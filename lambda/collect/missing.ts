import {
  CATALOG,
  type MetricName,
  NODES_REFUSING,
  NODES_RESTARTING,
  NODES_UNREAD,
  SUBNET_FREE_MIN,
  SUBNET_FREE_PREFIXES_MIN,
  SUBNET_HOURS,
  SUBNET_LEAKED,
  SUBNETS_WITHOUT_FREE_PREFIXES,
} from '../domain/catalog.ts';
import type { Metric } from '../domain/metric.ts';
import type { WhyUnknown } from '../domain/unknown.ts';
import type { Coverage } from './coverage.ts';

/**
 * Why a metric is missing from a cycle:
 * - a reason of `pods.unknown`: it is unknown for every pod that was read
 * - `no-pods`, `no-pods-read`, `counters-withheld`, `subnets-unavailable`, `datum-left-out`: the code of that name
 * - `no-earlier-reading`: counters need two readings of a pod, and conditions of nodes two cycles
 * - `no-history`: the time to exhaustion needs a day of readings, or an empty subnet
 * - `no-calls`: ipamd made no call to an AWS API since the last cycle
 * - `not-exposed`: no pod exposes a family that only some clusters have
 * - `no-addresses-held`: no node holds an address, so there is no utilization
 * - `subnets-off`: SUBNET_METRICS is not set
 * - `pods-off`: PODS is none
 * - `no-ipv4-subnets`: the cluster has no subnet with IPv4 addresses
 * - `holders-unknown`: the network interfaces of the subnets were not read in the last hour, or do not account for the addresses
 * - `no-prefixes-held`: no node holds a prefix
 */
type WhyMissing =
  | WhyUnknown
  | 'no-pods'
  | 'no-pods-read'
  | 'counters-withheld'
  | 'subnets-unavailable'
  | 'datum-left-out'
  | 'no-earlier-reading'
  | 'no-history'
  | 'no-calls'
  | 'not-exposed'
  | 'no-addresses-held'
  | 'subnets-off'
  | 'pods-off'
  | 'no-ipv4-subnets'
  | 'holders-unknown'
  | 'no-prefixes-held';

export interface Missing {
  readonly why: WhyMissing;
  readonly metrics: readonly MetricName[];
}

/** What is known of a cycle beside its metrics. */
interface CycleFacts {
  /** Undefined: PODS is none. */
  readonly coverage: Coverage | undefined;
  /** `compared`: pods with an earlier reading; undefined: the counters are withheld. */
  readonly compared: number | undefined;
  readonly subnets: 'off' | 'unavailable' | 'read';
  /** Whether it is known who holds the addresses of a subnet. */
  readonly hasHoldings: boolean;
  /** Metrics with a value that CloudWatch does not accept. */
  readonly leftOut: readonly string[];
}

/** Every metric of the catalog that is not among `published`, with one reason each. */
export function missingMetrics(published: readonly Metric[], known: CycleFacts): Missing[] {
  const names = new Set(published.map(({ name }) => name));
  const reasons = new Map<WhyMissing, MetricName[]>();
  for (const row of CATALOG) {
    if (names.has(row.name)) continue;
    const why = whyMissing(row, known, names);
    reasons.set(why, [...(reasons.get(why) ?? []), row.name]);
  }
  return [...reasons].map(([why, metrics]) => ({ why, metrics }));
}

/** Known from the second cycle on, even if it reads no pod. */
const CONDITIONS: ReadonlySet<string> = new Set(
  [NODES_UNREAD, NODES_REFUSING, NODES_RESTARTING].map(({ name }) => name),
);

const OF_HOLDINGS: ReadonlySet<string> = new Set(
  [SUBNET_FREE_PREFIXES_MIN, SUBNETS_WITHOUT_FREE_PREFIXES, SUBNET_LEAKED].map(({ name }) => name),
);

function whyMissing(
  { name, kind, ...row }: (typeof CATALOG)[number],
  { coverage, compared, subnets, hasHoldings, leftOut }: CycleFacts,
  published: ReadonlySet<string>,
): WhyMissing {
  if (leftOut.includes(name)) return 'datum-left-out';
  if (name === SUBNET_HOURS.name && published.has(SUBNET_FREE_MIN.name)) {
    if (coverage === undefined) return 'pods-off';
    return compared === undefined ? 'counters-withheld' : 'no-history';
  }
  if (name.startsWith('subnet')) {
    if (subnets === 'off') return 'subnets-off';
    if (OF_HOLDINGS.has(name)) return hasHoldings ? 'no-prefixes-held' : 'holders-unknown';
    return subnets === 'unavailable' ? 'subnets-unavailable' : 'no-ipv4-subnets';
  }
  if (coverage === undefined) return 'pods-off';
  if (coverage.found === 0) return 'no-pods';
  if (CONDITIONS.has(name)) return compared === undefined ? 'counters-withheld' : 'no-earlier-reading';
  if (coverage.read === 0) return 'no-pods-read';
  const isCounter = kind === 'counter' || kind === 'latency' || name === 'ipamdRestarts';
  if (isCounter && compared === undefined) return 'counters-withheld';
  if (isCounter && compared === 0) return 'no-earlier-reading';
  if (kind === 'latency') return 'no-calls';
  if ('onlyIfExposed' in row && row.onlyIfExposed) return 'not-exposed';
  const [most] = (coverage.unknown ?? [])
    .filter(({ metrics }) => metrics.includes(name))
    .toSorted((a, b) => b.count - a.count);
  if (most) return most.why;
  return isCounter ? 'no-earlier-reading' : 'no-addresses-held';
}
