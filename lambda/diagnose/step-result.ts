import { evidence } from '../domain/evidence.ts';
import { STEP_CAUSES, type StepCause } from './causes.ts';

/** The result of one step. `value` is what later steps need; a failed step may still provide it. */
export type StepResult<T = undefined> =
  | { readonly status: 'ok'; readonly seen: string; readonly value: T }
  | { readonly status: 'skipped'; readonly seen: string; readonly value?: T }
  | {
      readonly status: 'failed';
      readonly seen: string;
      /** One sentence that starts with its code. */
      readonly cause: string;
      /** One command or setting. */
      readonly remedy: string;
      readonly value?: T;
    };

type Failed = Extract<StepResult<never>, { status: 'failed' }>;

export function ok(seen: string): StepResult;
export function ok<T>(seen: string, value: T): StepResult<T>;
export function ok<T>(seen: string, value?: T): StepResult<T | undefined> {
  return { status: 'ok', seen: evidence(seen), value };
}

/** The step does not apply to this configuration. */
export function notNeeded<T>(seen: string, value: T): StepResult<T> {
  return { status: 'skipped', seen, value };
}

/** @param names what replaces the names in angle brackets of the texts; those left out stay as they are */
export function failed(
  code: StepCause,
  seen: string,
  names: Readonly<Record<string, string | undefined>> = {},
): Failed {
  const { meaning, remedy } = STEP_CAUSES[code];
  const named = (text: string) =>
    text.replaceAll(/<([a-z]{1,20})>/g, (placeholder, name) => names[name] ?? placeholder);
  return {
    status: 'failed',
    // Usually text from a server.
    seen: evidence(seen),
    cause: `${code}: ${named(meaning)}`,
    remedy: named(remedy),
  };
}
