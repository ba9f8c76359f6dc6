/**
 * Credentials in texts of servers that repeat what they were sent: an EKS token, the value of an Authorization
 * header, and the session token, which AWS puts into the canonical request of SignatureDoesNotMatch.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const TOKENS = /k8s-aws-v1\.[\w-]*|(?<=bearer )\S+|(?<=x-amz-security-token[:=]\s*)[^\s&'"<]+/gi;

/** The text with `[token]` in place of every credential. */
export function redact(text: string): string {
  return text.replaceAll(TOKENS, '[token]');
}
