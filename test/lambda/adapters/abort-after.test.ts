import { once } from 'node:events';
import { expect, test } from 'vitest';
import { abortAfter } from '../../../lambda/adapters/abort-after.ts';

test.each([12.5, 0, -3])('a budget of %d ms aborts', async (budgetMs) => {
  const signal = abortAfter(budgetMs);
  if (!signal.aborted) await once(signal, 'abort');
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});
