import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Deadline } from '../../deadline.ts';
import type { Principal } from '../../diagnose/ports.ts';
import { failed, ok, type StepResult } from '../../diagnose/step-result.ts';
import { rememberSecret } from '../../domain/redact.ts';
import { CLIENT_LIMITS, callOptions, SHORT_CALLS_MS } from '../aws/client-limits.ts';
import { classifyAwsError } from '../aws/error.ts';

/**
 * Whether there are credentials, and whose. STS is asked only to name the role: many functions have no network path to
 * STS, and do not need one.
 * @param functionName of the Lambda function, if it runs as one
 */
export async function probeCredentials(
  deadline: Deadline,
  functionName: string | undefined,
): Promise<StepResult<Principal>> {
  const client = new STSClient(CLIENT_LIMITS);
  const missing = await findMissing(client);
  if (missing) return missing;
  try {
    const { Arn = '' } = await client.send(
      new GetCallerIdentityCommand(),
      callOptions(deadline.within(SHORT_CALLS_MS.identity)),
    );
    return ok(Arn, { known: Arn, role: roleOf(Arn) });
  } catch (error) {
    const { kind, what } = classifyAwsError(error);
    if (kind === 'rejected') return failed('credentials-rejected', what);
    const why = kind === 'unreachable' ? 'no answer' : what;
    const known = `not known, because STS did not answer (${why}); nothing else needs STS`;
    return ok(`there are credentials; whose they are is ${known}`, { known, role: printRole(functionName) });
  } finally {
    client.destroy();
  }
}

async function findMissing({ config }: STSClient) {
  try {
    await config.region();
  } catch (error) {
    return failed('region-missing', classifyAwsError(error).what);
  }
  try {
    const { secretAccessKey, sessionToken } = await config.credentials();
    rememberSecret(secretAccessKey);
    rememberSecret(sessionToken);
    return undefined;
  } catch (error) {
    return failed('credentials-missing', classifyAwsError(error).what);
  }
}

/** `arn:aws:sts::1:assumed-role/name/session` is the role `arn:aws:iam::1:role/name`; STS does not return its path. */
function roleOf(arn: string): string {
  return arn.replace(/^(arn:[^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, '$1:iam::$2:role/$3');
}

/** A shell expression, for a command in a remedy. */
function printRole(functionName: string | undefined): string | undefined {
  return functionName === undefined
    ? undefined
    : `$(aws lambda get-function-configuration --function-name ${functionName} --query Role --output text)`;
}
