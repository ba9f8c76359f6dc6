import { evidence } from '../../domain/evidence.ts';

/** Enough to recognize an answer, not enough to fill a log. */
const EXCERPT_CHARACTERS = 300;

/** Far above any Status object: more of an answer is not worth decoding for a message. */
const MAX_BYTES = 16_384;

/** What an answer that is no success says: the message of a Kubernetes Status, else its first characters. */
export function statusMessage(body: Uint8Array): string {
  const { message } = statusOf(body) ?? {};
  return evidence(typeof message === 'string' ? message : textOf(body), EXCERPT_CHARACTERS).trim();
}

/**
 * The reason of a Status object, '' if it has none; undefined: the answer is not a Status, so the API server itself did
 * not make it.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
export function reasonOf(body: Uint8Array): string | undefined {
  const status = statusOf(body);
  // Any pod can send a Status, and to make text of an object or a deep list can throw.
  return status && (typeof status.reason === 'string' ? status.reason : '');
}

const textOf = (body: Uint8Array) => new TextDecoder().decode(body.subarray(0, MAX_BYTES));

function statusOf(body: Uint8Array): { readonly message?: unknown; readonly reason?: unknown } | undefined {
  try {
    const status: { kind?: unknown; message?: unknown; reason?: unknown } | null = JSON.parse(textOf(body));
    return status?.kind === 'Status' ? status : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds of a Retry-After in seconds, as API servers send it; undefined for none. */
export function retryAfterMs(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
