/** A line that tells how far a cycle is, while it lasts; only a terminal shows it. */
export interface Progress {
  /** Takes the line away. */
  end(): void;
}

const PERIOD_MS = 60;
const BAR = 24;

/**
 * @param done pods answered so far
 * @param total pods there are; 0 while they are not listed
 */
export function showProgress(stream: NodeJS.WriteStream, done: () => number, total: () => number): Progress {
  if (!stream.isTTY) return { end: () => undefined };
  const draw = () => {
    const all = total();
    const read = Math.min(done(), all);
    const filled = Math.round((BAR * read) / Math.max(all, 1));
    stream.write(`\r  reading ${'━'.repeat(filled)}${'╌'.repeat(BAR - filled)} ${read} of ${all} pods\x1b[K`);
  };
  draw();
  const timer = setInterval(draw, PERIOD_MS);
  return {
    end() {
      clearInterval(timer);
      stream.write('\r\x1b[K');
    },
  };
}
