import { COUNTERS, GAUGES, gaugeAt } from '../catalog.ts';
import { type CniRelease, releaseNumber } from '../cni-release.ts';

/** What an answer exposes; NaN: a family that it does not. */
interface Exposed {
  readonly gauges: readonly number[];
  readonly counters: readonly number[];
  readonly latencies: { readonly size: number };
  readonly hasQuantiles: boolean;
  readonly facts: { readonly version: string };
}

/**
 * What shows how old a CNI is at most, the youngest first: families without labels, which are exposed from the first
 * moment on. `awscni_build_info` came with 1.10.0; its version is better evidence.
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.0/utils/prometheusmetrics/prometheusmetrics.go
 */
const REFUSED = COUNTERS.findIndex(({ name }) => name === 'noAvailableIPAddresses');
const PREFIXES = gaugeAt('totalIPv4Prefixes');
const EVIDENCE: readonly { readonly since: CniRelease; has(totals: Exposed): boolean }[] = [
  { since: '1.15.1', has: ({ counters }) => !Number.isNaN(counters[REFUSED]) },
  { since: '1.9.0', has: ({ gauges }) => !Number.isNaN(gauges[PREFIXES]) },
  { since: '1.8.0', has: ({ latencies, hasQuantiles }) => latencies.size > 0 && !hasQuantiles },
];

/** Families that not every release has, by the first release that has them. */
const YOUNGER = [...GAUGES, ...COUNTERS].flatMap(({ family, since }) =>
  since === undefined ? [] : [{ family, since: releaseNumber(since) }],
);

const NONE: readonly string[] = [];

/** Families with labels that the CNI of this answer does not have, as far as the answer shows its age. */
export function missingFamilies(totals: Exposed): readonly string[] {
  const stated = releaseNumber(totals.facts.version);
  const shown = EVIDENCE.find(({ has }) => has(totals))?.since ?? '0.0.0';
  // A fork counts its own releases: what it exposes shows that it is not older.
  const release = Math.max(Number.isNaN(stated) ? 0 : stated, releaseNumber(shown));
  const lacked = YOUNGER.filter(({ family, since }) => since > release && !isExposed(totals, family));
  return lacked.length === 0 ? NONE : lacked.map(({ family }) => family);
}

function isExposed({ gauges, counters }: Exposed, family: string): boolean {
  const exposes = (rows: readonly { readonly family: string }[], values: readonly number[]) =>
    rows.some((row, index) => row.family === family && !Number.isNaN(values[index]));
  return exposes(GAUGES, gauges) || exposes(COUNTERS, counters);
}
