import { existsSync, writeFileSync } from 'node:fs';
import type { TopicOptions } from '../alarms/topics.ts';
import { readConfiguration } from '../config.ts';
import { type Entry, stackNameOf } from '../entry.ts';
import type { Discovered } from './choose.ts';

/**
 * Writes what was found out into the configuration file. What people chose in the cluster's entry stays.
 * @param alarms where alarms send their messages, as far as it was given
 * @throws Error where the file has faults; it is left as it is then
 */
export function writeEntry(path: string, discovered: Discovered, alarms: TopicOptions = {}): Entry {
  const entries = existsSync(path) ? readConfiguration(path) : [];
  const isSame = ({ account, region, cluster }: Entry) =>
    account === discovered.account &&
    region === discovered.region &&
    cluster.name === discovered.cluster.name;
  const known = entries.find(isSame);
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
      settings: { ...settings, ...known?.settings, ...direct },
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

/** With a stack name of its own where clusters of other accounts or regions have the same name. */
function named(entry: Entry, others: readonly Entry[]): Entry {
  const taken = others.map(stackNameOf);
  const name = stackNameOf(entry);
  if (!taken.includes(name)) return entry;
  return { ...entry, stackName: `${name}-${entry.region}-${entry.account}` };
}
