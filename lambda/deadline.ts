/** Time, injected: nothing else reads a clock, and tests need not wait. */
export interface Clock {
  /** The wall clock, epoch milliseconds. */
  now(): number;
  /** A clock that never goes back, milliseconds; for durations and deadlines. */
  elapsed(): number;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>;
}

/** A point in time by which something must end, by a clock that never goes back. */
export class Deadline {
  readonly #clock: Clock;
  readonly #at: number;
  #signal: AbortSignal | undefined;

  private constructor(clock: Clock, at: number) {
    this.#clock = clock;
    this.#at = at;
  }

  /** The point in time `ms` milliseconds from now. */
  static in(ms: number, clock: Clock): Deadline {
    return new Deadline(clock, clock.elapsed() + ms);
  }

  /** Milliseconds left; 0 or less once it has passed. */
  get remainingMs(): number {
    return this.#at - this.#clock.elapsed();
  }

  get hasPassed(): boolean {
    return this.remainingMs <= 0;
  }

  /** Aborts when the deadline passes. */
  get signal(): AbortSignal {
    // `AbortSignal.timeout` refuses fractions and negative numbers.
    this.#signal ??= AbortSignal.timeout(Math.max(0, Math.ceil(this.remainingMs)));
    return this.#signal;
  }

  /** Calls back as soon as it has passed. @returns the timer, for clearTimeout */
  whenPassed(callback: () => void): ReturnType<typeof setTimeout> {
    // Node prints a warning about a negative delay.
    return setTimeout(callback, Math.max(0, this.remainingMs));
  }

  /** This deadline, or the point in time `ms` milliseconds from now if that comes first. */
  within(ms: number): Deadline {
    return new Deadline(this.#clock, Math.min(this.#at, this.#clock.elapsed() + ms));
  }

  /** The deadline that leaves `ms` milliseconds until this one. */
  earlierBy(ms: number): Deadline {
    return new Deadline(this.#clock, this.#at - ms);
  }
}
