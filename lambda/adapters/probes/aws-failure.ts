import type { StepCause } from '../../diagnose/causes.ts';
import { failed } from '../../diagnose/step-result.ts';
import { type AwsFailure, awsFailure } from '../aws/error.ts';

/** What it means that a service gave no answer or refused, and errors of its own by their names. */
export interface Meanings {
  readonly denied: StepCause;
  readonly unreachable: StepCause;
  readonly [errorName: string]: StepCause;
}

/** What a step says of an AWS call that failed. @param names for the remedy */
export function awsFault(
  error: unknown,
  meanings: Meanings,
  names: Readonly<Record<string, string | undefined>> = {},
) {
  const { kind, what } = awsFailure(error);
  const name = error instanceof Error ? error.name : '';
  const seen = name === 'AbortError' ? 'no answer in time' : what;
  return failed(meanings[name] ?? causeOf(kind, meanings), seen, names);
}

function causeOf(kind: AwsFailure['kind'], { denied, unreachable }: Meanings): StepCause {
  if (kind === 'denied') return denied;
  if (kind === 'unreachable') return unreachable;
  if (kind === 'credentials') return 'credentials-missing';
  return kind === 'rejected' ? 'credentials-rejected' : 'service-failed';
}
