import { expect, test } from 'vitest';
import { decode } from '../../../lambda/domain/exposition/decode.ts';
import { formatNumber } from '../../../local/simulation/exposition.ts';
import { createFleet } from '../../../local/simulation/fleet.ts';

const NOW = Date.UTC(2026, 10, 22, 14);

test('decoding the text gives the same reading as without it, for every pod over a day', () => {
  const fleet = createFleet({ nodes: 24, seed: 7, now: NOW, ipv6Nodes: 2 });
  for (let hour = 0; hour <= 24; hour += 1) {
    for (const { pod } of fleet.nodes()) {
      expect(decode(Buffer.from(fleet.exposition(pod)))).toEqual(fleet.reading(pod));
    }
    fleet.advance(3_600_000);
  }
});

test('an answer is about as large as that of a node that runs for some days', () => {
  const fleet = createFleet({ nodes: 50, seed: 7, now: NOW });
  const sizes = fleet.nodes().map(({ pod }) => fleet.exposition(pod).length);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(mean).toBeGreaterThan(20_000);
  expect(mean).toBeLessThan(40_000);
});

test.each([
  [0, '0'],
  [1, '1'],
  [0.00013115, '0.00013115'],
  [0.000017901, '1.7901e-05'],
  [999_999, '999999'],
  [1_000_000, '1e+06'],
  [1_775_926, '1.775926e+06'],
  [1_763_731_221.14, '1.76373122114e+09'],
  [2 ** 48, '2.81474976710656e+14'],
])('%d is written as Go writes it: %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});
