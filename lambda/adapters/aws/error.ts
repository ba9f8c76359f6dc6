import { strikeTokens } from '../../domain/redact.ts';

/**
 * Why an AWS call failed: `denied` by IAM, `absent` what was asked for, `unreachable` the service, no `credentials`,
 * credentials that are `rejected`, or `other`.
 */
export interface AwsFailure {
  readonly kind: 'denied' | 'absent' | 'unreachable' | 'credentials' | 'rejected' | 'other';
  /** Name and message of the error, in one line. */
  readonly what: string;
}

/** Names that the SDK and the network give to "no answer". */
const NO_ANSWER =
  /^(TimeoutError|AbortError|RequestTimeout|E[A-Z]+|.*(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH).*)$/;

/** What the services call a key that they do not know, a token that is too old and a signature that is wrong. */
const REJECTED =
  /^(InvalidClientTokenId|UnrecognizedClient|ExpiredToken|InvalidAccessKeyId|InvalidToken|SignatureDoesNotMatch|InvalidSignature|AuthFailure)/;

/** Sorts what an AWS SDK client threw; its names differ from service to service. */
export function awsFailure(error: unknown): AwsFailure {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const what = strikeTokens([name === 'Error' && code ? code : name, message].filter(Boolean).join(': '));
  const kind = /AccessDenied|Unauthorized|NotAuthorized/.test(name)
    ? 'denied'
    : /NotFound(Exception)?$/.test(name)
      ? 'absent'
      : name === 'CredentialsProviderError'
        ? 'credentials'
        : REJECTED.test(name)
          ? 'rejected'
          : NO_ANSWER.test(name) || NO_ANSWER.test(code)
            ? 'unreachable'
            : 'other';
  return { kind, what };
}
