/** Why an AWS call failed: `denied` by IAM, `absent` what was asked for, `unreachable` the service, or `other`. */
export interface AwsFailure {
  readonly kind: 'denied' | 'absent' | 'unreachable' | 'credentials' | 'other';
  /** Name and message of the error, in one line. */
  readonly what: string;
}

/** Names that the SDK and the network give to "no answer". */
const NO_ANSWER =
  /^(TimeoutError|AbortError|RequestTimeout|E[A-Z]+|.*(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH).*)$/;

/** Sorts what an AWS SDK client threw; its names differ from service to service. */
export function awsFailure(error: unknown): AwsFailure {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const what = [name === 'Error' && code ? code : name, message].filter(Boolean).join(': ');
  const kind = /AccessDenied|Unauthorized|NotAuthorized/.test(name)
    ? 'denied'
    : /NotFound(Exception)?$/.test(name)
      ? 'absent'
      : name === 'CredentialsProviderError'
        ? 'credentials'
        : NO_ANSWER.test(name) || NO_ANSWER.test(code)
          ? 'unreachable'
          : 'other';
  return { kind, what };
}
