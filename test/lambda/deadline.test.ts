import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { Deadline } from '../../lambda/deadline.ts';

const STOPPED = { now: () => 0, elapsed: () => 0, wait: async () => {} };

test('a deadline that has passed calls back without a warning of Node', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => warnings.push(name);
  process.on('warning', note);
  onTestFinished(() => {
    process.off('warning', note);
  });
  await new Promise<void>((resolve) => Deadline.in(-3, STOPPED).whenPassed(resolve));
  // A warning is emitted in the next tick.
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
});

test.each([12.5, 0, -3])('the signal of a deadline in %d ms aborts', async (ms) => {
  const { signal } = Deadline.in(ms, STOPPED);
  if (!signal.aborted) await once(signal, 'abort');
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});
