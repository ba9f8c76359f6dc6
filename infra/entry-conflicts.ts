import { type Entry, stackNameOf } from './entry.ts';
import { clusterIdOf, namespaceOf } from './settings.ts';

/** What two entries must not share. */
interface Unique {
  /** Two entries with one of these keys in common are at fault. */
  readonly keys: (entry: Entry) => readonly (readonly string[])[];
  /** @param entries those that share the key */
  readonly fault: (entries: string, key: readonly string[]) => string;
}

/** Groups of rules: of the same entries, only the first fault of a group is reported, since it explains the others. */
const RULES: readonly (readonly Unique[])[] = [
  [
    {
      keys: (entry) => [[...placeOf(entry), entry.cluster.name]],
      fault: (entries) => `${entries} are the same cluster: remove one`,
    },
    {
      keys: (entry) => idsOf(entry).map((id) => [...placeOf(entry), namespaceOf(entry.settings ?? {}), id]),
      fault: (entries, [, , namespace, id]) =>
        `${entries} publish to the namespace ${namespace} with CLUSTER_ID ${id}: give one of them another AWS_CLUSTER_ID`,
    },
    {
      // Alarm names contain the CLUSTER_ID, but not the namespace.
      keys: (entry) => (entry.alarms === false ? [] : idsOf(entry).map((id) => [...placeOf(entry), id])),
      fault: (entries, [, , id]) =>
        `${entries} create alarms named cni-${id}-…: give one of them another AWS_CLUSTER_ID`,
    },
  ],
  [
    {
      // The CDK names the stacks of an app by this, whatever their account and region.
      keys: (entry) => [[stackNameOf(entry)]],
      fault: (entries, [stack]) => `${entries} create the stack ${stack}: give one of them a stackName`,
    },
  ],
  [
    {
      keys: (entry) =>
        entry.endpoints?.includes('s3')
          ? entry.subnets.map(({ routeTableId }) => [...placeOf(entry), routeTableId])
          : [],
      fault: (entries, [, , table]) =>
        `${entries} create an S3 gateway endpoint in ${table}, which can have only one, with a policy for one function: use subnets of other route tables, or remove s3 from both and create an endpoint for both`,
    },
  ],
];

/** Faults between entries that have none of their own, a line each. */
export const conflictsBetween = (entries: readonly Entry[]): string[] =>
  RULES.flatMap((group) => {
    const faults = group.flatMap(({ keys, fault }) =>
      sharedKeys(entries, keys).map(({ key, names }) => ({ names, line: fault(names, key) })),
    );
    return faults
      .filter(({ names, line }) => faults.find((other) => other.names === names)?.line === line)
      .map(({ line }) => line);
  });

function sharedKeys(entries: readonly Entry[], keys: Unique['keys']) {
  const held = new Map<string, { key: readonly string[]; holders: Set<Entry> }>();
  for (const entry of entries) {
    for (const key of keys(entry)) {
      const one = held.get(key.join('\n')) ?? { key, holders: new Set() };
      held.set(key.join('\n'), one);
      one.holders.add(entry);
    }
  }
  return [...held.values()]
    .filter(({ holders }) => holders.size > 1)
    .map(({ key, holders }) => ({ key, names: [...holders].map(labelOf).join(' and ') }));
}

const placeOf = ({ account, region }: Entry): readonly string[] => [account, region];

const idsOf = ({ settings = {}, cluster }: Entry): string[] => {
  const id = clusterIdOf(settings, cluster.name);
  return id === undefined ? [] : [id];
};

const labelOf = ({ cluster, account, region }: Entry) => `${cluster.name} (${account}, ${region})`;
