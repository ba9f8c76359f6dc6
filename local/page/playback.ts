import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../lambda/deadline.ts';

/** What a person waits for a simulated minute, in milliseconds. */
export const SPEEDS = { slow: 5_000, normal: 3_000, fast: 500, fastest: 0 } as const;
export type Speed = keyof typeof SPEEDS;

/** How fast simulated time passes. It can be changed while somebody waits for the next minute. */
export class Playback {
  speed: Speed = 'normal';
  paused = false;
  #wake = new AbortController();
  readonly #passed: number[] = [];
  readonly #clock: Pick<Clock, 'elapsed'>;

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock;
  }

  set(change: { readonly speed?: Speed | undefined; readonly paused?: boolean | undefined }): void {
    this.speed = change.speed ?? this.speed;
    this.paused = change.paused ?? this.paused;
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Until the next minute is due. @param stopped ends every wait */
  async wait(stopped: AbortSignal): Promise<void> {
    const begun = this.#clock.elapsed();
    while (!stopped.aborted) {
      const left = this.paused ? 3_600_000 : SPEEDS[this.speed] - (this.#clock.elapsed() - begun);
      if (left <= 0) break;
      const signal = AbortSignal.any([stopped, this.#wake.signal]);
      await setTimeout(left, undefined, { signal }).catch(() => undefined);
    }
    // Requests of the page are answered even at full speed.
    await setTimeout(1, undefined, { signal: stopped }).catch(() => undefined);
  }

  /** Says that a simulated minute has passed. */
  tick(): void {
    this.#passed.push(this.#clock.elapsed());
    if (this.#passed.length > 20) this.#passed.shift();
  }

  /** Simulated minutes a second, over the last twenty. */
  reached(): number {
    const [first = 0] = this.#passed;
    const last = this.#passed.at(-1) ?? 0;
    return last > first && !this.paused ? ((this.#passed.length - 1) * 1000) / (last - first) : 0;
  }
}
