import type { Clock, Slice } from '../../collect/ports.ts';
import { type Finding, failed, ok } from '../../diagnose/step-result.ts';
import type { ApiClient } from '../api-server/client.ts';

/** How far AWS lets the date of a signature be from its own clock.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv_troubleshooting.html */
export const MAX_SKEW_MS = 5 * 60_000;

/** Compares clocks by the Date of any answer, be it a refusal. */
export async function compareClocks(
  client: ApiClient,
  clock: Clock,
  { ms }: Slice,
): Promise<Finding<number>> {
  const asked = clock.now();
  const limits = { budgetMs: ms, maxBytes: 65_536 };
  const date = await client.get('/version', 'application/json', limits, ({ headers }) => headers.date);
  // The header counts whole seconds: in the middle of one is the best guess.
  const theirs = Date.parse(date ?? '') + 500;
  const skew = theirs - (asked + clock.now()) / 2;
  if (Number.isNaN(skew)) return ok('the API server does not tell its time', 0);
  const ahead = skew < 0 ? 'behind' : 'ahead of';
  const seen = `the API server's clock is ${(Math.abs(skew) / 1000).toFixed(0)} s ${ahead} ours; a token lives 15 min`;
  return Math.abs(skew) > MAX_SKEW_MS ? { ...failed('clock-skewed', seen), value: skew } : ok(seen, skew);
}
