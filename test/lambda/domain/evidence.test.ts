import { expect, test } from 'vitest';
import { evidence, quoted } from '../../../lambda/domain/evidence.ts';

test.each([
  { what: 'C0 controls', text: 'a\x1b[31mb\0', shown: String.raw`a\u{1b}[31mb\u{0}` },
  { what: 'C1 controls', text: 'a\x9b31mb', shown: String.raw`a\u{9b}31mb` },
  { what: 'bidirectional controls', text: 'a\u202eb\u2066', shown: String.raw`a\u{202e}b\u{2066}` },
  { what: 'half a character', text: 'a\ud83d', shown: String.raw`a\u{d83d}` },
  { what: 'lines, which become one', text: 'a\r\nb\n\n\tc\u2028d', shown: 'a b c d' },
  { what: 'a credential', text: 'sent Bearer abc', shown: 'sent Bearer [token]' },
  { what: 'text of any language', text: 'größer 大きい 👍', shown: 'größer 大きい 👍' },
])('of $what', ({ text, shown }) => {
  expect(evidence(text)).toBe(shown);
});

test.each([
  { value: 'now', shown: '"now"' },
  { value: 'a\n\x9b', shown: String.raw`"a\n\u{9b}"` },
  { value: 'x'.repeat(100_000), shown: `"${'x'.repeat(80)}"… (100000 characters)` },
  { value: 7, shown: '7' },
  { value: null, shown: 'null' },
  { value: true, shown: 'true' },
  { value: { a: 1 }, shown: 'an object' },
  { value: [1], shown: 'a list' },
])('quotes %s', ({ value, shown }) => {
  expect(quoted(value)).toBe(shown);
});
