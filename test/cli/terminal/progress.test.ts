import { expect, test } from 'vitest';
import { type Progress, showProgress } from '../../../cli/terminal/progress.ts';

/** What a stream gets from the first drawing and from the end. */
function drawn(isTTY: boolean, now: Progress) {
  let text = '';
  const write = (part: string | Uint8Array) => {
    text += part;
    return true;
  };
  showProgress({ isTTY, write }, () => now).end();
  return text;
}

const READING: Progress = { doing: 'reading', done: 6, total: 24, unit: 'pods' };

test.each<[Progress, string]>([
  [READING, `reading ${'━'.repeat(6)}${'╌'.repeat(18)} 6 of 24 pods`],
  [{ ...READING, done: 0, total: 0 }, `reading ${'╌'.repeat(24)} 0 of 0 pods`],
  [{ ...READING, done: 25 }, `reading ${'━'.repeat(24)} 24 of 24 pods`],
  [
    { doing: 'simulating', done: 102, total: 204, unit: 'cycles' },
    `simulating ${'━'.repeat(12)}${'╌'.repeat(12)} 102 of 204 cycles`,
  ],
])('%j is one line, taken away at the end', (now, line) => {
  expect(drawn(true, now)).toBe(`\r  ${line}\x1b[K\r\x1b[K`);
});

test('a pipe gets none', () => {
  expect(drawn(false, READING)).toBe('');
});
