import type { Clock, Slice } from '../collect/ports.ts';
import { CollectorError, ScrapeError } from '../errors.ts';
import { type Finding, failed } from './step-result.ts';

/**
 * The steps of a diagnosis in the order of its answer, with the most that each may take, in milliseconds.
 * The limits are a little above those of the calls inside, so that a step mostly ends by its own judgement.
 */
const LIMITS_MS = {
  configuration: 1_000,
  credentials: 5_000,
  'describe-cluster': 8_000,
  dns: 4_000,
  tcp: 3_500,
  tls: 4_000,
  clock: 4_000,
  authentication: 6_000,
  authorisation: 6_000,
  pods: 12_000,
  'scrape-one': 6_000,
  'scrape-all': 30_000,
  cloudwatch: 8_000,
  state: 10_000,
  ec2: 6_000,
} as const;

export type StepName = keyof typeof LIMITS_MS;

export interface Step {
  readonly name: StepName;
  readonly status: 'ok' | 'failed' | 'skipped';
  /** Milliseconds it took. */
  readonly ms: number;
  /** The evidence, or why it was skipped. */
  readonly seen: string;
  /** One sentence. Only where it failed, as is `remedy`. */
  readonly cause?: string;
  /** One command or setting. */
  readonly remedy?: string;
}

/** What a step gives to those after it: a value, or the step because of which there is none. */
export type Taken<T> = { readonly value: T } | { readonly missing: StepName };

/** A step that needs no other. */
export const NOTHING: Taken<undefined> = { value: undefined };

/** What all of them give, or the first step because of which something is missing. */
export function all<A, B>(a: Taken<A>, b: Taken<B>): Taken<readonly [A, B]>;
export function all<A, B, C>(a: Taken<A>, b: Taken<B>, c: Taken<C>): Taken<readonly [A, B, C]>;
export function all(...taken: Taken<unknown>[]): Taken<readonly unknown[]> {
  const values: unknown[] = [];
  for (const one of taken) {
    if ('missing' in one) return one;
    values.push(one.value);
  }
  return { value: values };
}

/** Kept back for the answer itself. */
const RESERVE_MS = 300;
/** A step is asked to end at its limit, and given up so much later. */
const GRACE_MS = 150;

/** Takes steps one by one or side by side; none of them can throw, hang or use up the time of the rest. */
export class Steps {
  readonly #clock: Clock;
  readonly #remainingMs: () => number;
  readonly #taken = new Map<StepName, Step>();

  /** @param remainingMs until the invocation is cut off */
  constructor(clock: Clock, remainingMs: () => number) {
    this.#clock = clock;
    this.#remainingMs = remainingMs;
  }

  /** In the order of LIMITS_MS, whatever the order of their ends. */
  get all(): readonly Step[] {
    const order = Object.keys(LIMITS_MS);
    return [...this.#taken.values()].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  }

  /** Takes a step, unless what it needs is missing. */
  async take<N, T>(
    name: StepName,
    needs: Taken<N>,
    probe: (needs: N, slice: Slice) => Promise<Finding<T>>,
  ): Promise<Taken<T>> {
    if ('missing' in needs) {
      this.#taken.set(name, { name, status: 'skipped', ms: 0, seen: `not tried: needs ${needs.missing}` });
      return needs;
    }
    const started = this.#clock.elapsed();
    const finding = await this.#within(LIMITS_MS[name], (slice) => probe(needs.value, slice));
    const { status, seen } = finding;
    const ms = Math.round(this.#clock.elapsed() - started);
    const why = status === 'failed' ? { cause: finding.cause, remedy: finding.remedy } : {};
    this.#taken.set(name, { name, status, ms, seen, ...why });
    if (status === 'ok') return { value: finding.value };
    return finding.value === undefined ? { missing: name } : { value: finding.value };
  }

  /** No step may use more than half of what is left, so that there is time for the others. */
  async #within<T>(limitMs: number, probe: (slice: Slice) => Promise<Finding<T>>): Promise<Finding<T>> {
    const ms = Math.floor(Math.min(limitMs, (this.#remainingMs() - RESERVE_MS) / 2));
    if (ms <= 0) return failed('step-unfinished', 'no time was left for it');
    const end = this.#clock.elapsed() + ms;
    const remainingMs = () => end - this.#clock.elapsed();
    const signal = AbortSignal.timeout(ms);
    const cutOff = AbortSignal.timeout(ms + GRACE_MS);
    return new Promise((resolve) => {
      cutOff.onabort = () => resolve(failed('step-unfinished', `no end within ${ms} ms`));
      probe({ ms, remainingMs, signal }).catch(findingOf).then(resolve);
    });
  }
}

function findingOf(error: unknown): Finding<never> {
  if (error instanceof CollectorError) return { ...failed(error.code, error.what), remedy: error.remedy };
  if (error instanceof ScrapeError) return failed(error.code, error.message);
  return failed(
    'diagnosis-fault',
    error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  );
}
