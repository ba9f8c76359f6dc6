import { strikeTokens } from '../domain/redact.ts';
import { STEP_CAUSES, type StepCause } from './causes.ts';

/** What one step of a diagnosis found. `value` is what later steps need; a failure may know it all the same. */
export type Finding<T = undefined> =
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

type Failed = Extract<Finding<never>, { status: 'failed' }>;

export function ok(seen: string): Finding;
export function ok<T>(seen: string, value: T): Finding<T>;
export function ok<T>(seen: string, value?: T): Finding<T | undefined> {
  return { status: 'ok', seen, value };
}

/** The step has nothing to judge here. */
export function notNeeded<T>(seen: string, value: T): Finding<T> {
  return { status: 'skipped', seen, value };
}

/** @param names what to put for the names in angle brackets of the remedy; those left out stay as they are */
export function failed(
  code: StepCause,
  seen: string,
  names: Readonly<Record<string, string | undefined>> = {},
): Failed {
  const { meaning, remedy } = STEP_CAUSES[code];
  return {
    status: 'failed',
    // Mostly the words of a server.
    seen: strikeTokens(seen),
    cause: `${code}: ${meaning}`,
    remedy: remedy.replaceAll(/<([a-z]+)>/g, (placeholder, name) => names[name] ?? placeholder),
  };
}
