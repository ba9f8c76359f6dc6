import { expect, test } from 'vitest';
import { wrap } from '../../../cli/terminal/wrap.ts';

test.each([
  { text: 'one two three', width: 80, lines: ['- one two three'] },
  { text: 'one two three', width: 9, lines: ['- one two', '  three'] },
  { text: 'one two three', width: 7, lines: ['- one', '  two', '  three'] },
  { text: 'a-word-that-is-too-long for it', width: 8, lines: ['- a-word-that-is-too-long', '  for it'] },
  { text: 'a-long-one after-it', width: 10, lines: ['- a-long-one', '  after-it'] },
  { text: 'for something-long', width: 15, lines: ['- for', ' something-long'] },
  { text: '', width: 8, lines: ['- '] },
])('wraps "$text" at $width', ({ text, width, lines }) => {
  expect(wrap(text, width, '- ', '  ')).toEqual(lines);
});
