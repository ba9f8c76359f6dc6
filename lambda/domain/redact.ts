/**
 * Servers sometimes repeat what they were sent. These patterns find an EKS token, the value of an Authorization header,
 * and the session token and signature that AWS puts into the canonical request of SignatureDoesNotMatch.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const PATTERNS =
  /k8s-aws-v1\.[\w-]*|(?<=bearer(?: |%20))(?!\[token\])[^\s"'\\]+|(?<=x-amz-security-token(?:[\\"'\s:=]{1,9}|%3d))(?![:=]|\[token\])[^\s&'"<\\]+|(?<=signature(?:=|%3d))[0-9a-f]{64}/gi;

/** Characters of a text that are kept. A message is a sentence; a body of 2 MB is not. */
const MAX_CHARACTERS = 4096;
/** The longest credential: an EKS token has at most 4,096 bytes, a session token is shorter. */
const MAX_SECRET_LENGTH = 4096;
/** Characters by which a credential is found: expressions have a limited size, and a kubeconfig can hold any token. */
const FOUND_BY = 256;
/** The rest of one: as it is, quoted for JSON or %-encoded. */
const REST = String.raw`(?:[^\s&'"<\\]|\\[/u])*`;
/** Shorter texts are no credentials, and they would be found in ordinary words. */
const SHORTEST_SECRET = 8;
/** Credentials rotate: the latest few are kept. */
const MAX_SECRETS = 16;

/** Known secrets, and the pattern that finds each. */
const known = new Map<string, string>();
let secrets = PATTERNS;

/** From now on this value is redacted wherever it appears. */
export function rememberSecret(secret: string | undefined): void {
  if (secret === undefined || secret.length < SHORTEST_SECRET || known.has(secret)) return;
  const length = Math.min(secret.length, FOUND_BY);
  const start = Array.from({ length }, (_, at) => formsOf(secret.charCodeAt(at))).join('');
  known.set(secret, secret.length > FOUND_BY ? start + REST : start);
  const [oldest] = known.keys();
  if (known.size > MAX_SECRETS && oldest !== undefined) known.delete(oldest);
  secrets = new RegExp([...known.values(), PATTERNS.source].join('|'), PATTERNS.flags);
}

/** Matches a character as it is, quoted for JSON, and %-encoded once or twice. */
function formsOf(code: number): string {
  const character = String.fromCharCode(code);
  if (/\w/.test(character)) return character;
  const hex = code.toString(16).padStart(4, '0');
  const encoded = code < 0x80 ? `|%(?:25)?${hex.slice(2)}` : '';
  return String.raw`(?:\\?\u${hex}|\\u${hex}${encoded})`;
}

/**
 * The text with `[token]` in place of every credential. It is cut first, so that the work is bounded, but never within
 * a credential.
 */
export function redact(text: string, maxCharacters = MAX_CHARACTERS): string {
  const window = text.slice(0, maxCharacters + MAX_SECRET_LENGTH);
  let redacted = '';
  let rest = 0;
  for (const { 0: secret, index } of window.matchAll(secrets)) {
    if (index >= maxCharacters) break;
    redacted += `${window.slice(rest, index)}[token]`;
    rest = index + secret.length;
  }
  redacted += window.slice(rest, Math.max(rest, maxCharacters));
  return text.length > maxCharacters ? `${redacted}…` : redacted;
}
