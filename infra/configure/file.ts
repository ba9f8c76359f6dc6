import { existsSync, writeFileSync } from 'node:fs';
import type { TopicOptions } from '../alarms/topics.ts';
import { readConfiguration } from '../config.ts';
import { type Entry, stackNameOf } from '../entry.ts';
import type { Settings } from '../settings.ts';
import type { Discovered } from './choose.ts';

/** Which entry of a file is meant. */
type Place = Pick<Entry, 'account' | 'region'> & { readonly name: string };

const isAt =
  ({ account, region, name }: Place) =>
  (entry: Entry): boolean =>
    entry.account === account && entry.region === region && entry.cluster.name === name;

/**
 * The settings that the cluster's entry has already.
 * @throws Error where the file has faults
 */
export const knownSettings = (path: string, place: Place): Settings =>
  entriesOf(path).find(isAt(place))?.settings ?? {};

const entriesOf = (path: string): readonly Entry[] => (existsSync(path) ? readConfiguration(path) : []);

/**
 * Writes what was found out into the configuration file. What people chose in the cluster's entry stays.
 * @param alarms where alarms send their messages, as far as it was given
 * @throws Error where the file has faults; it is left as it is then
 */
export function writeEntry(path: string, discovered: Discovered, alarms: TopicOptions = {}): Entry {
  const { account, region, cluster } = discovered;
  const entries = entriesOf(path);
  const known = entries.find(isAt({ account, region, name: cluster.name }));
  const others = entries.filter((entry) => entry !== known);
  const { access, settings, direct, ...found } = discovered;
  // A way of access that was chosen stays; one that the cluster does not know cannot.
  const kept = known?.access && access !== 'aws-auth' ? known.access : access;
  // What the stack has created is not missing any more; the next deploy would delete what is not listed.
  const made = (field: 'endpoints' | 'nodeSecurityGroupIds') =>
    found[field] && { [field]: [...new Set([...(known?.[field] ?? []), ...found[field]])] };
  const entry: Entry = {
    ...known,
    ...found,
    ...made('endpoints'),
    ...made('nodeSecurityGroupIds'),
    access: kept,
    ...((known?.settings || direct || Object.keys(settings).length > 0) && {
      settings: { ...settings, ...known?.settings, ...(direct && withCidrs(direct, known?.settings)) },
    }),
    ...(Object.keys(alarms).length > 0 && { alarms: { ...(known?.alarms || {}), ...alarms } }),
  };
  const clusters = known
    ? entries.map((each) => (each === known ? entry : each))
    : [...entries, named(entry, others)];
  readConfiguration({ clusters });
  writeFileSync(path, `${JSON.stringify({ clusters }, null, 2)}\n`);
  return entry;
}

/** Blocks that people added stay, and so does an entry without blocks, which allows every address. */
function withCidrs(
  { SCRAPE_VIA, NODE_CIDRS }: NonNullable<Discovered['direct']>,
  known: Entry['settings'] = {},
): Partial<NonNullable<Discovered['direct']>> {
  if (known.SCRAPE_VIA === 'node' && known.NODE_CIDRS === undefined) return {};
  return { SCRAPE_VIA, NODE_CIDRS: [...new Set([...(known.NODE_CIDRS ?? []), ...NODE_CIDRS])] };
}

/** With a stack name of its own where clusters of other accounts or regions have the same name. */
function named(entry: Entry, others: readonly Entry[]): Entry {
  const taken = others.map(stackNameOf);
  const name = stackNameOf(entry);
  if (!taken.includes(name)) return entry;
  return { ...entry, stackName: `${name}-${entry.region}-${entry.account}` };
}
