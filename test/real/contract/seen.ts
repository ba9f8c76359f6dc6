import { expect } from 'vitest';
import type { ContractAnswer } from './client.ts';

/** An answer as far as the contract goes. */
export interface Seen {
  readonly status: number | undefined;
  /** Content type. */
  readonly type: string | undefined;
  /** In this order: nosniff, fairness, gzip, goaway. */
  readonly marks: readonly Mark[];
  readonly location?: string;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

type Mark =
  /** x-content-type-options: nosniff */
  | 'nosniff'
  /** Priority and fairness classified it, which long-running requests are exempt from. */
  | 'fairness'
  | 'gzip'
  /** GOAWAY without an error. */
  | 'goaway';

export const JSON_TYPE = 'application/json';
export const TEXT_TYPE = 'text/plain; charset=utf-8';

export function seen({ status, headers, text, goaway }: ContractAnswer): Seen {
  const type = headers['content-type'];
  const { location } = headers;
  const marks: readonly [Mark, boolean][] = [
    ['nosniff', headers['x-content-type-options'] === 'nosniff'],
    [
      'fairness',
      headers['x-kubernetes-pf-flowschema-uid'] !== undefined &&
        headers['x-kubernetes-pf-prioritylevel-uid'] !== undefined,
    ],
    ['gzip', headers['content-encoding'] === 'gzip'],
    ['goaway', goaway === 0],
  ];
  return {
    status,
    type,
    marks: marks.flatMap(([mark, present]) => (present ? [mark] : [])),
    ...(location !== undefined && { location }),
    body: type === JSON_TYPE && text !== '' ? JSON.parse(text) : text,
  };
}

/** What every answer has. */
export const COMMON_HEADERS = {
  'audit-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  'cache-control': 'no-cache, private',
  date: expect.stringMatching(/ GMT$/),
};

/** A Status object. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export const failure = (code: number, reason: string, message: unknown, details?: object) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(details && { details }),
  code,
});

/** An answer that refuses. */
export const refusal = (
  code: number,
  reason: string,
  message: unknown,
  { details, marks = [] }: { readonly details?: object; readonly marks?: readonly Mark[] } = {},
): Seen => ({ status: code, type: JSON_TYPE, marks, body: failure(code, reason, message, details) });

/** A part of the text. */
export const starts = (text: string): unknown =>
  expect.stringMatching(new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
