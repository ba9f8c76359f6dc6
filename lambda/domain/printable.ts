/**
 * Characters that act on a terminal, reorder or hide text, or forge a line of a log: control characters (C0 and C1),
 * format characters (bidirectional controls among them), line and paragraph separators, unassigned ones.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The text with the code point in place of each character that is not printable: `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
