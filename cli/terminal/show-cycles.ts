import { setTimeout } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Report } from '../../lambda/collect/report.ts';
import type { CollectorError } from '../../lambda/errors.ts';
import { failureOf } from './failure.ts';
import { type Progress, showProgress } from './progress.ts';
import { renderCycle } from './screen.ts';
import { widthOf } from './width.ts';
import { wrapParts } from './wrap.ts';

/** A cluster and the collector at work on it. */
export interface Subject {
  /** The heading above the first cycle. */
  readonly introduction: readonly string[];
  /** Waits for the next cycle, or until `stopped`. */
  pause(stopped: AbortSignal): Promise<void>;
  /** How far the cycle under way is. */
  progress(): Progress;
  /** Runs the next cycle. @param stopped ends waits in it */
  cycle(stopped: AbortSignal): Promise<CycleResult>;
}

/** A report, a failure, or both: of a cycle that failed, what it knows all the same. */
export interface CycleResult {
  readonly report: Report | undefined;
  readonly failure?: CollectorError;
}

interface Options {
  /** Two cycles, then the end. */
  readonly once: boolean;
  /** The last cycle as JSON on stdout, and nothing else there. */
  readonly json: boolean;
}

const { stdout, stderr } = process;

/** Shows cycle by cycle, until the second, or until SIGINT or SIGTERM. @returns the exit code: 1 if the last cycle failed */
export async function showCycles(subject: Subject, { once, json }: Options): Promise<number> {
  const stopped = signalled();
  let last: CycleResult | undefined;
  let before: Report | undefined;
  if (!json) stdout.write(`${introductionOf(subject)}\n\n`);

  for (let cycle = 1; !stopped.signal.aborted; cycle += 1) {
    const progress = showProgress(stderr, subject.progress);
    const result = await Promise.race([subject.cycle(stopped.signal), stopped.promise]).finally(() =>
      progress.end(),
    );
    if (result === undefined) break;
    last = result;
    const { report, failure } = result;
    if (!json) stdout.write(`${renderCycle({ report, failure, before, cycle, width: widthOf(stdout) })}\n`);
    if (!failure) before = report;
    if (once && cycle === 2) break;
    await subject.pause(stopped.signal);
  }
  if (json && last) stdout.write(`${JSON.stringify(asJson(last), undefined, 2)}\n`);
  const code = last?.failure ? 1 : 0;
  // A cycle under way may have thousands of requests to wait for.
  if (stopped.signal.aborted) process.exit(code);
  return code;
}

/** Waits so long, or until `stopped`. */
export const pause = (ms: number, stopped: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal: stopped }).catch(() => undefined);

const introductionOf = ({ introduction }: Subject): string =>
  wrapParts(introduction, styleText('dim', '  ·  '), widthOf(stdout), '', '  ').join('\n');

/** A cycle that failed is never shown as the one before it. */
const asJson = ({ report, failure }: CycleResult) =>
  failure ? { ...failureOf(failure), report: report ?? null } : report;

/** Settles when a person or the system ends the process. */
function signalled() {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      controller.abort();
      resolve(undefined);
    });
  return { signal: controller.signal, promise };
}
