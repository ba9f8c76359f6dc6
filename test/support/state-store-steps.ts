import { expect } from 'vitest';
import type { StateStore } from '../../lambda/collect/ports.ts';
import { deadlineIn } from './deadline.ts';
import { someState } from './states.ts';

export const MINUTE = 60_000;
export const T0 = Date.UTC(2026, 0, 2);
/** The time of a tick, epoch milliseconds. */
export const tick = (number: number) => T0 + number * MINUTE;

/** Asks for the lease of a tick, for a minute. */
export const acquire = (store: StateStore, number: number, ms?: number) =>
  store.acquire(tick(number), MINUTE, deadlineIn(ms));

/** The lease of who continues from a tick. */
export const acquiredFrom = (number: number) =>
  ({ outcome: 'acquired', state: someState(tick(number)) }) as const;

/** Publishes a tick under its lease. */
export async function publish(store: StateStore, number: number): Promise<void> {
  await store.prepare(someState(tick(number)), deadlineIn());
  await store.commit(deadlineIn());
}

/** A whole cycle of a tick. */
export async function advance(store: StateStore, number: number): Promise<void> {
  expect(await acquire(store, number)).toMatchObject({ outcome: 'acquired' });
  await publish(store, number);
}
