import { existsSync, writeFileSync } from 'node:fs';
import { readConfiguration } from '../config.ts';
import { type Entry, stackNameOf } from '../entry.ts';
import type { Discovered } from './choose.ts';

/**
 * Puts what was found out into the configuration file. What people chose in the cluster's entry stays.
 * @throws Error where the file has faults; it is left as it is then
 */
export function writeEntry(path: string, discovered: Discovered): void {
  const entries = existsSync(path) ? readConfiguration(path) : [];
  const isSame = ({ account, region, cluster }: Entry) =>
    account === discovered.account &&
    region === discovered.region &&
    cluster.name === discovered.cluster.name;
  const known = entries.find(isSame);
  const others = entries.filter((entry) => entry !== known);
  const { access, ...found } = discovered;
  // A way of access that was chosen stays; one that the cluster does not know cannot.
  const kept = known?.access && access !== 'aws-auth' ? known.access : access;
  // What the stack has made by now is missing no longer; the next deploy would take away what is not named.
  const made = (field: 'endpoints' | 'nodeSecurityGroupIds') =>
    found[field] && { [field]: [...new Set([...(known?.[field] ?? []), ...found[field]])] };
  const entry: Entry = {
    ...known,
    ...found,
    ...made('endpoints'),
    ...made('nodeSecurityGroupIds'),
    access: kept,
  };
  const clusters = known
    ? entries.map((each) => (each === known ? entry : each))
    : [...entries, named(entry, others)];
  readConfiguration({ clusters });
  writeFileSync(path, `${JSON.stringify({ clusters }, null, 2)}\n`);
}

/** With a stack name of its own where clusters of other accounts or regions have the same name. */
function named(entry: Entry, others: readonly Entry[]): Entry {
  const taken = others.map(stackNameOf);
  const name = stackNameOf(entry);
  if (!taken.includes(name)) return entry;
  return { ...entry, stackName: `${name}-${entry.region}-${entry.account}` };
}
