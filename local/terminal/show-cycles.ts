import { setTimeout } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Report } from '../../lambda/collect/report.ts';
import { showProgress } from './progress.ts';
import { renderCycle } from './screen.ts';
import { widthOf } from './width.ts';

/** A cluster and the collector at work on it. */
export interface Subject {
  /** What stands above the first cycle. */
  readonly introduction: readonly string[];
  /** What a person waits from one cycle to the next. */
  readonly pauseMs: number;
  /** Pods found by the cycle under way, and how many of them have answered. */
  pods(): number;
  answered(): number;
  /** Runs the next cycle. @throws where it is not acceptable */
  cycle(): Promise<Report>;
}

interface Options {
  /** Two cycles, then the end. */
  readonly once: boolean;
  /** The last report as JSON on stdout, and nothing else there. */
  readonly json: boolean;
}

const { stdout, stderr } = process;

/** Shows cycle by cycle, until the second or until it is stopped. @returns the exit code */
export async function showCycles(
  subject: Subject,
  { once, json }: Options,
  stopped: AbortSignal,
): Promise<number> {
  let before: Report | undefined;
  let failed = false;
  if (!json) stdout.write(`${subject.introduction.join(styleText('dim', '  ·  '))}\n\n`);

  for (let cycle = 1; !stopped.aborted; cycle += 1) {
    const running = subject.cycle();
    const progress = showProgress(stderr, subject.answered, subject.pods);
    try {
      const report = await running;
      progress.end();
      failed = false;
      if (!json) stdout.write(`${renderCycle({ report, before, cycle, width: widthOf(stdout) })}\n`);
      before = report;
    } catch (error) {
      progress.end();
      failed = true;
      const reason = error instanceof Error ? error.message : String(error);
      stderr.write(`${styleText('red', `Cycle ${cycle} failed:`, { stream: stderr })} ${reason}\n\n`);
    }
    if (once && cycle === 2) break;
    await setTimeout(subject.pauseMs, undefined, { signal: stopped }).catch(() => undefined);
  }
  if (json && before) stdout.write(`${JSON.stringify(before, undefined, 2)}\n`);
  return failed ? 1 : 0;
}
