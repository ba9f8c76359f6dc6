import type { Clock, Deadline } from '../../deadline.ts';
import { failed, ok, type StepResult } from '../../diagnose/step-result.ts';
import type { ApiClient } from '../api-server/client.ts';

/** How far AWS lets the date of a signature be from its own clock.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv_troubleshooting.html */
export const MAX_SKEW_MS = 5 * 60_000;

/** Compares clocks by the Date of any answer, even of a refusal. */
export async function compareClocks(
  client: ApiClient,
  clock: Pick<Clock, 'now'>,
  deadline: Deadline,
): Promise<StepResult<number>> {
  const asked = clock.now();
  const date = await client.get({
    path: '/version',
    accept: 'application/json',
    deadline,
    maxBytes: 65_536,
    read: ({ headers }) => headers.date,
  });
  // The header has whole seconds: the middle of one is the best estimate.
  const theirs = Date.parse(date ?? '') + 500;
  const skew = theirs - (asked + clock.now()) / 2;
  if (Number.isNaN(skew)) return ok("the API server's answer has no Date", 0);
  const ahead = skew < 0 ? 'behind' : 'ahead of';
  const seen = `the API server's clock is ${(Math.abs(skew) / 1000).toFixed(0)} s ${ahead} ours; a token lives 15 min`;
  return Math.abs(skew) > MAX_SKEW_MS ? { ...failed('clock-skewed', seen), value: skew } : ok(seen, skew);
}
