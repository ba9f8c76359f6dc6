import { redact } from '../../domain/redact.ts';

/** Enough to recognize an answer, not enough to fill a log. */
const EXCERPT_CHARACTERS = 300;

/**
 * What an answer that is no success says: the message of a Kubernetes Status, else its first line. Tokens that
 * a server in between might echo are struck out.
 */
export function statusMessage(body: Uint8Array): string {
  const text = new TextDecoder().decode(body);
  const message = messageOfStatus(text) ?? text;
  return redact(message)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, EXCERPT_CHARACTERS);
}

function messageOfStatus(text: string): string | undefined {
  try {
    const status: { message?: unknown } | null = JSON.parse(text);
    return typeof status?.message === 'string' ? status.message : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds of a Retry-After in seconds, as API servers send it; undefined for none. */
export function retryAfterMs(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
