import { type Clock, Deadline } from '../deadline.ts';
import { CollectorError, ScrapeError } from '../errors.ts';
import { failed, type StepResult } from './step-result.ts';

/**
 * The steps of a diagnosis in the order of its answer, each with its limit in milliseconds. The limits are a little
 * above those of the calls inside: a step usually ends with its own result.
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
  authorization: 6_000,
  pods: 12_000,
  'scrape-one': 6_000,
  // A blocked port takes the API server 30 s.
  'scrape-all': 65_000,
  cloudwatch: 8_000,
  state: 10_000,
  // Without a network path to EKS, which is asked first, 4.5 s pass before EC2 is asked.
  ec2: 10_000,
  // As in a cycle.
  addresses: 25_000,
} as const;

export type StepName = keyof typeof LIMITS_MS;

/** From the name of the API server to the last pod. */
export const STEPS_TO_PODS = [
  'dns',
  'tcp',
  'tls',
  'clock',
  'authentication',
  'authorization',
  'pods',
  'scrape-one',
  'scrape-all',
] as const satisfies readonly StepName[];

export interface Step {
  readonly name: StepName;
  readonly status: 'ok' | 'failed' | 'skipped';
  /** Milliseconds it took. */
  readonly ms: number;
  /** The evidence, or why it was skipped. */
  readonly seen: string;
  /** One sentence. Only if it failed, as is `remedy`. */
  readonly cause?: string;
  /** One command or setting. */
  readonly remedy?: string;
}

/** What a step provides to later steps: a value, or the name of the step that should have provided it. */
export type Input<T> = { readonly value: T } | { readonly missing: StepName };

/** For a step that needs no other step. */
export const NO_INPUT: Input<undefined> = { value: undefined };

/** The values of all inputs, or the first step that provided none. */
export function allOf<A, B>(a: Input<A>, b: Input<B>): Input<readonly [A, B]>;
export function allOf<A, B, C>(a: Input<A>, b: Input<B>, c: Input<C>): Input<readonly [A, B, C]>;
export function allOf(...inputs: Input<unknown>[]): Input<readonly unknown[]> {
  const values: unknown[] = [];
  for (const input of inputs) {
    if ('missing' in input) return input;
    values.push(input.value);
  }
  return { value: values };
}

export function mapInput<A, B>(input: Input<A>, map: (value: A) => B): Input<B> {
  return 'missing' in input ? input : { value: map(input.value) };
}

/** Reserved for the answer itself. */
const RESERVE_MS = 300;
/** A step has to end at its limit, and is abandoned this much later. */
const GRACE_MS = 150;

/** Runs steps, in sequence or in parallel. No step can throw, hang or use up the time of the others. */
export class Steps {
  readonly #clock: Clock;
  readonly #deadline: Deadline;
  readonly #done = new Map<StepName, Step>();

  /** @param deadline when the invocation is cut off */
  constructor(clock: Clock, deadline: Deadline) {
    this.#clock = clock;
    this.#deadline = deadline.earlierBy(RESERVE_MS);
  }

  /** In the order of LIMITS_MS, whatever the order in which they ended. */
  get all(): readonly Step[] {
    const order = Object.keys(LIMITS_MS);
    return [...this.#done.values()].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  }

  /** Runs a step, unless its input is missing. */
  async run<N, T>(
    name: StepName,
    input: Input<N>,
    probe: (input: N, deadline: Deadline) => Promise<StepResult<T>>,
  ): Promise<Input<T>> {
    if ('missing' in input) {
      this.#done.set(name, { name, status: 'skipped', ms: 0, seen: `not tried: needs ${input.missing}` });
      return input;
    }
    const started = this.#clock.elapsed();
    const result = await this.#within(name, (deadline) => probe(input.value, deadline));
    const { status, seen } = result;
    const ms = Math.round(this.#clock.elapsed() - started);
    const why = status === 'failed' ? { cause: result.cause, remedy: result.remedy } : {};
    this.#done.set(name, { name, status, ms, seen, ...why });
    if (status === 'ok') return { value: result.value };
    return result.value === undefined ? { missing: name } : { value: result.value };
  }

  async #within<T>(
    name: StepName,
    probe: (deadline: Deadline) => Promise<StepResult<T>>,
  ): Promise<StepResult<T>> {
    const left = this.#deadline.remainingMs;
    // No step may use more than half of the remaining time, so that there is time for the others; none follows the last.
    const ms = Math.floor(Math.min(LIMITS_MS[name], name === 'scrape-all' ? left : left / 2));
    if (ms <= 0) return failed('step-unfinished', 'no time was left for it');
    const abandoned = AbortSignal.timeout(ms + GRACE_MS);
    return new Promise((resolve) => {
      abandoned.onabort = () => resolve(failed('step-unfinished', `no result within ${ms} ms`));
      probe(Deadline.in(ms, this.#clock)).catch(resultOf).then(resolve);
    });
  }
}

function resultOf(error: unknown): StepResult<never> {
  if (error instanceof CollectorError) return { ...failed(error.code, error.what), remedy: error.remedy };
  if (error instanceof ScrapeError) return failed(error.code, error.message);
  return failed(
    'diagnosis-fault',
    error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  );
}
