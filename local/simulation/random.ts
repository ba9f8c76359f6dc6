/** Pseudorandom numbers: the same for the same seed, on every machine. */
export interface Random {
  /** At least 0, below 1. */
  float(): number;
  /** A whole number of at least 0, below `limit`. */
  below(limit: number): number;
  /** True in `probability` of the cases. */
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly [T, ...T[]]): T;
  /** The id of an AWS resource: `eni-0123456789abcdef0`. */
  id(kind: string): string;
}

/** Mulberry32: one word of state, good enough for a simulation, cheap enough for millions of events. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const float = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(float() * limit);
  const hex = () =>
    below(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return {
    float,
    below,
    chance: (probability) => float() < probability,
    pick: (list) => list[below(list.length)] ?? list[0],
    id: (kind) => `${kind}-0${hex()}${hex()}`,
  };
}
