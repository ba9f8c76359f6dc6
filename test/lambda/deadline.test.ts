import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Deadline } from '../../lambda/deadline.ts';

const STOPPED = { now: () => 0, elapsed: () => 0, wait: async () => {} };

test.each([12.5, 0, -3])('the signal of a deadline in %d ms aborts', async (ms) => {
  const { signal } = Deadline.in(ms, STOPPED);
  if (!signal.aborted) await once(signal, 'abort');
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});
