import type { Deadline } from '../deadline.ts';
import { evidence } from '../domain/evidence.ts';
import type { State } from '../domain/state/state.ts';
import { type CollectorError, expectedError } from '../errors.ts';
import type { StateStore } from './ports.ts';
import type { Warning } from './warning.ts';

/** What a cycle may do with the counters. */
export interface CycleLease {
  /**
   * `count`: count from the state, publish the increases and commit. `observe`: publish everything except counters;
   * the state stays as it is, so the next cycle covers the gap. `skip`: publish nothing, because another run has
   * published, or is publishing, this tick.
   */
  readonly may: 'count' | 'observe' | 'skip';
  /** Undefined: counting starts here. */
  readonly state?: State | undefined;
  readonly warnings: readonly Warning[];
  readonly failure?: CollectorError;
}

/** The state to compare with, without the right to advance it: for a dry run. */
export function readWithoutLease(store: StateStore, deadline: Deadline): Promise<CycleLease> {
  return withoutFailing(async () => ({ may: 'count', state: await store.read(deadline), warnings: [] }));
}

/**
 * The state to count from, with the sole right to advance it.
 * @param tick epoch milliseconds
 * @param leaseMs how long the lease lasts
 */
export function acquireLease(
  store: StateStore,
  tick: number,
  leaseMs: number,
  deadline: Deadline,
): Promise<CycleLease> {
  return withoutFailing(async () => {
    const lease = await store.acquire(tick, leaseMs, deadline);
    const failed = 'failure' in lease && { failure: lease.failure };
    switch (lease.outcome) {
      case 'acquired':
        return {
          may: 'count',
          ...failed,
          state: lease.state,
          warnings: [...quarantineWarnings(lease.quarantine), ...unfinishedWarnings(lease.unfinished)],
        };
      case 'published':
        return {
          may: 'skip',
          ...failed,
          warnings: [
            warning(
              'tick-published',
              `${iso(tick)} is not later than ${iso(lease.at)}, the last published tick`,
            ),
          ],
        };
      case 'held':
        return lease.by >= tick
          ? {
              may: 'skip',
              ...failed,
              warnings: [warning('tick-published', `another run is publishing ${iso(lease.by)} now`)],
            }
          : {
              may: 'observe',
              ...failed,
              warnings: [
                warning('counters-withheld', `another run still holds the lease for ${iso(lease.by)}`),
              ],
            };
    }
  });
}

/** A store that fails costs the counters, not the cycle. */
async function withoutFailing(attempt: () => Promise<CycleLease>): Promise<CycleLease> {
  try {
    return await attempt();
  } catch (error) {
    const failure = expectedError(error);
    return { may: 'observe', warnings: [warning('counters-withheld', failure.message)], failure };
  }
}

const quarantineWarnings = (quarantine: { key: string; reason: string } | undefined): Warning[] =>
  quarantine
    ? [warning('state-quarantined', `${evidence(quarantine.reason)}; copied to ${quarantine.key}`)]
    : [];

const unfinishedWarnings = (tick: number | undefined): Warning[] =>
  tick === undefined
    ? []
    : [
        warning(
          'publish-uncertain',
          `a run ended while it published ${iso(tick)}: its events count as published`,
        ),
      ];

const warning = (code: Warning['code'], message: string): Warning => ({ code, message });
const iso = (time: number) => new Date(time).toISOString();
