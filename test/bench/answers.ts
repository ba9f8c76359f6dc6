import { createFleet } from '../../local/simulation/fleet.ts';

/** Size of an answer in KB: a node with few addresses (or prefixes), or one that is full. */
export type Kilobytes = 12 | 30;

const family = (names: string) => new RegExp(`^(# (HELP|TYPE) )?(${names}).*\\n`, 'gm');
const SINCE_1_20 = family('awscni_ipamd_(startup|node_initialization)_duration_seconds|awscni_connmark_\\w+');
const SINCE_1_12 = family('awscni_ec2api_\\w+|awscni_build_info');

/** What each version of the CNI exposes: 1.20 and later, 1.12 to 1.19, 1.9 to 1.11. */
const VERSIONS: readonly ((answer: string) => string)[] = [
  (answer) => answer,
  (answer) => answer.replaceAll(SINCE_1_20, ''),
  (answer) => answer.replaceAll(SINCE_1_20, '').replaceAll(SINCE_1_12, ''),
];

/** What simulated nodes of three CNI versions serve, about as large as asked for, each another one. */
export function answersOf(kilobytes: Kilobytes): readonly string[] {
  const fleet = createFleet({ nodes: 80, seed: 11, now: Date.UTC(2026, 10, 22) });
  return fleet
    .nodes()
    .map(({ pod }) => fleet.exposition(pod))
    .filter(({ length }) => (kilobytes === 30 ? length > 28_000 : length < 17_000))
    .map((answer, index) => VERSIONS[index % VERSIONS.length]?.(answer) ?? answer);
}
