import { setImmediate } from 'node:timers/promises';

/** Time that passes only in `run`: waits fire in order and take nothing. */
export function virtualTime() {
  const timers: { at: number; fire: () => void }[] = [];
  let now = 0;
  return {
    now: () => now,
    wait: (ms: number) =>
      new Promise<void>((fire) => {
        timers.push({ at: now + ms, fire });
      }),
    /** Lets time pass until `work` settles. @throws when nothing is left that could settle it */
    async run<T>(work: Promise<T>): Promise<T> {
      let settled = false;
      const done = () => {
        settled = true;
      };
      work.then(done, done);
      while (true) {
        await setImmediate();
        if (settled) return work;
        const first = timers.reduce((a, b) => (b.at < a.at ? b : a), { at: Infinity, fire: () => {} });
        if (first.at === Infinity) throw new Error(`stuck at ${now} ms: nothing is left to wait for`);
        timers.splice(timers.indexOf(first), 1);
        now = first.at;
        first.fire();
      }
    },
  };
}
