import { createFleet } from '../../local/simulation/fleet.ts';

/** Size of an answer in KB: a node with few addresses (prefixes, an older CNI) or one that is full. */
export type Kilobytes = 12 | 30;

/** Families of startup times, which CNIs before 1.20 do not expose. */
const RECENT = /^(# (HELP|TYPE) )?awscni_ipamd_(startup|node_initialization)_duration_seconds.*\n/gm;

/** What simulated nodes serve, about as large as asked for, each another one. */
export function answersOf(kilobytes: Kilobytes): readonly string[] {
  const fleet = createFleet({ nodes: 80, seed: 11, now: Date.UTC(2026, 10, 22) });
  const answers = fleet.nodes().map(({ pod }) => fleet.exposition(pod));
  return kilobytes === 30
    ? answers.filter(({ length }) => length > 28_000)
    : answers.filter(({ length }) => length < 17_000).map((answer) => answer.replaceAll(RECENT, ''));
}
