import { expect, test } from 'vitest';
import type { Lease, StateStore } from '../../../lambda/collect/ports.ts';
import { failingWhenWithheld } from '../../../lambda/collect/withheld.ts';
import { deadlineIn } from '../../support/deadline.ts';
import { someState } from '../../support/states.ts';

/** Which of the leases, asked for tick by tick, carry a failure. */
async function failures(ticks: readonly number[], leases: readonly Lease[]): Promise<boolean[]> {
  const given = [...leases];
  const store: StateStore = failingWhenWithheld({
    read: async () => undefined,
    prepare: async () => {},
    commit: async () => {},
    rollback: async () => {},
    acquire: async () => given.shift() ?? { outcome: 'acquired', state: undefined },
  });
  const failed: boolean[] = [];
  for (const tick of ticks) {
    const lease = await store.acquire(tick, 60_000, deadlineIn());
    failed.push('failure' in lease && lease.failure?.code === 'state-failed');
  }
  return failed;
}

const HELD: Lease = { outcome: 'held', by: 1 };
const PUBLISHED: Lease = { outcome: 'published', at: 9 };
const ACQUIRED: Lease = { outcome: 'acquired', state: someState(1) };
const NEW: Lease = { outcome: 'acquired', state: undefined };
const QUARANTINED: Lease = { ...NEW, quarantine: { key: 'copy', reason: 'not gzip' } };

test.each<{ what: string; ticks: number[]; leases: Lease[]; failing: number[] }>([
  {
    what: 'a run that was cut off',
    ticks: [1, 2, 3, 4],
    leases: [HELD, HELD, HELD, ACQUIRED],
    failing: [],
  },
  {
    what: 'five ticks in a row, and on',
    ticks: [1, 2, 3, 4, 5, 6],
    leases: [HELD, PUBLISHED, HELD, HELD, PUBLISHED, HELD],
    failing: [5, 6],
  },
  {
    what: 'one tick delivered again and again',
    ticks: [1, 1, 1, 1, 1, 1],
    leases: Array(6).fill(PUBLISHED),
    failing: [],
  },
  {
    what: 'a state that is deleted or damaged before each tick',
    ticks: [1, 2, 3, 4, 5, 6],
    leases: [NEW, QUARANTINED, NEW, QUARANTINED, QUARANTINED, ACQUIRED],
    failing: [5],
  },
  {
    what: 'a state that is damaged every other minute',
    ticks: Array.from({ length: 20 }, (_, at) => at),
    leases: Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? QUARANTINED : ACQUIRED)),
    failing: [10, 12, 14, 16, 18],
  },
  {
    what: 'a run that is cut off every half hour',
    ticks: Array.from({ length: 150 }, (_, at) => at),
    leases: Array.from({ length: 150 }, (_, at) => (at % 33 < 3 ? HELD : ACQUIRED)),
    failing: [],
  },
  {
    what: 'a tick a quarter of an hour after an outage of an hour',
    ticks: Array.from({ length: 76 }, (_, at) => at),
    leases: Array.from({ length: 76 }, (_, at) => (at < 60 || at === 75 ? HELD : ACQUIRED)),
    failing: Array.from({ length: 56 }, (_, at) => at + 4),
  },
  {
    what: 'a lease in between',
    ticks: [1, 2, 3, 4, 5, 6],
    leases: [HELD, HELD, HELD, HELD, ACQUIRED, HELD],
    failing: [],
  },
])('$what fails at the ticks $failing', async ({ ticks, leases, failing }) => {
  const failed = await failures(ticks, leases);
  expect(ticks.filter((_, at) => failed[at])).toEqual(failing);
});
