/** How far something is that a person waits for. */
export interface Progress {
  readonly doing: 'reading' | 'simulating';
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  /** What is counted. */
  readonly unit: string;
}

/** A line that tells how far a cycle is, while it lasts; only a terminal shows it. */
interface ProgressLine {
  /** Takes the line away. */
  end(): void;
}

const PERIOD_MS = 60;
const BAR = 24;

export function showProgress(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  now: () => Progress,
): ProgressLine {
  if (!stream.isTTY) return { end: () => undefined };
  const draw = () => stream.write(`\r  ${textOf(now())}\x1b[K`);
  draw();
  const timer = setInterval(draw, PERIOD_MS);
  return {
    end() {
      clearInterval(timer);
      stream.write('\r\x1b[K');
    },
  };
}

function textOf({ doing, done, total, unit }: Progress): string {
  const reached = Math.min(done, total);
  const filled = Math.round((BAR * reached) / Math.max(total, 1));
  return `${doing} ${'━'.repeat(filled)}${'╌'.repeat(BAR - filled)} ${reached} of ${total} ${unit}`;
}
