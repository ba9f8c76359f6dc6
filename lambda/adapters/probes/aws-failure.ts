import type { StepCause } from '../../diagnose/causes.ts';
import { failed } from '../../diagnose/step-result.ts';
import { type AwsErrorKind, classifyAwsError } from '../aws/error.ts';

/** The causes of an AWS call that fails: by the kind of the error, or by its name if the service has its own. */
interface AwsCauses {
  readonly denied: StepCause;
  readonly unreachable: StepCause;
  readonly [errorName: string]: StepCause;
}

/** The result of a step whose AWS call failed. @param names for the remedy */
export function awsFailure(
  error: unknown,
  causes: AwsCauses,
  names: Readonly<Record<string, string | undefined>> = {},
) {
  const { kind, what } = classifyAwsError(error);
  const name = error instanceof Error ? error.name : '';
  const byKind: Readonly<Record<AwsErrorKind, StepCause>> = {
    denied: causes.denied,
    unreachable: causes.unreachable,
    credentials: 'credentials-missing',
    rejected: 'credentials-rejected',
    absent: 'service-failed',
    other: 'service-failed',
  };
  return failed(causes[name] ?? byKind[kind], name === 'AbortError' ? 'no answer in time' : what, names);
}
