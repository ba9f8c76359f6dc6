import type { Readings } from '../domain/state/state.ts';
import { CollectorError } from '../errors.ts';
import type { ReadingsStore } from './ports.ts';
import type { Warning } from './report.ts';

/** What a cycle may do with the counters. */
export type Base =
  /** Count from these readings, publish the increases and commit. Undefined: counting starts here. */
  | { readonly may: 'count'; readonly readings: Readings | undefined; readonly warnings: readonly Warning[] }
  /** Publish all but the counters: the readings stay as they are, so the next cycle covers the gap. */
  | { readonly may: 'observe'; readonly warnings: readonly Warning[]; readonly failure?: CollectorError }
  /** Publish nothing: another run has done, or is doing, this tick. */
  | { readonly may: 'skip'; readonly warnings: readonly Warning[] };

/** The readings to compare with, for a dry run: nothing is claimed. */
export async function peekBase(store: ReadingsStore, budgetMs: number): Promise<Base> {
  return settle(async () => ({ may: 'count', readings: await store.read(budgetMs), warnings: [] }));
}

/**
 * The readings to count from, with the sole right to advance them.
 * @param tick epoch milliseconds
 * @param holdMs how long the claim shall last
 */
export async function claimBase(
  store: ReadingsStore,
  tick: number,
  holdMs: number,
  budgetMs: number,
): Promise<Base> {
  return settle(async () => {
    const claim = await store.claim(tick, holdMs, budgetMs);
    if (claim.outcome === 'granted') {
      const warnings = claim.setAside
        ? [warning('state-set-aside', `${claim.setAside.reason}; copied to ${claim.setAside.key}`)]
        : [];
      return { may: 'count', readings: claim.readings, warnings };
    }
    if (claim.outcome === 'published')
      return {
        may: 'skip',
        warnings: [
          warning(
            'tick-published',
            `${iso(tick)} is not later than ${iso(claim.at)}, the last published tick`,
          ),
        ],
      };
    return claim.by >= tick
      ? {
          may: 'skip',
          warnings: [warning('tick-published', `another run is publishing ${iso(claim.by)} at this moment`)],
        }
      : {
          may: 'observe',
          warnings: [warning('counters-withheld', `another run is still at work on ${iso(claim.by)}`)],
        };
  });
}

/** A store that fails costs the counters, not the cycle. */
async function settle(attempt: () => Promise<Base>): Promise<Base> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof CollectorError)) throw error;
    return { may: 'observe', warnings: [warning('counters-withheld', error.message)], failure: error };
  }
}

const warning = (code: Warning['code'], message: string): Warning => ({ code, message });
const iso = (time: number) => new Date(time).toISOString();
