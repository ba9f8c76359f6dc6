import { evidence } from '../../domain/evidence.ts';

/**
 * Why an AWS call failed: `denied` by IAM · `absent`: what was asked for does not exist · `unreachable`: no answer
 * from the service · `credentials`: there are none · `rejected`: the service does not accept them · `other`
 */
export type AwsErrorKind = 'denied' | 'absent' | 'unreachable' | 'credentials' | 'rejected' | 'other';

interface AwsError {
  readonly kind: AwsErrorKind;
  /** Name and message of the error, in one line. */
  readonly what: string;
}

/** By name or code of the error, which differ between services; the first match counts. */
const KINDS: readonly (readonly [pattern: RegExp, kind: AwsErrorKind])[] = [
  [/AccessDenied|Unauthorized|NotAuthorized/, 'denied'],
  [/NotFound(Exception)?$/, 'absent'],
  [/^CredentialsProviderError$/, 'credentials'],
  // An unknown key, an expired token, a wrong signature.
  [
    /^(InvalidClientTokenId|UnrecognizedClient|ExpiredToken|InvalidAccessKeyId|InvalidToken|SignatureDoesNotMatch|InvalidSignature|AuthFailure)/,
    'rejected',
  ],
  // What the SDK and the network report when there is no answer.
  [/^(TimeoutError|AbortError|RequestTimeout|E[A-Z]+)$/, 'unreachable'],
  [/ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH/, 'unreachable'],
];

/** Classifies what a client of the AWS SDK throws. */
export function classifyAwsError(error: unknown): AwsError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const what = evidence([name === 'Error' && code ? code : name, message].filter(Boolean).join(': '));
  const [, kind = 'other'] =
    KINDS.find(([pattern]) => pattern.test(name)) ?? KINDS.find(([pattern]) => pattern.test(code)) ?? [];
  return { kind, what };
}
