import { stripVTControlCharacters } from 'node:util';

/**
 * Breaks a text between its words, so that no line is longer than `width` unless a word alone is.
 * @param indent before the first line
 * @param hanging before the lines after it
 */
export function wrap(text: string, width: number, indent: string, hanging: string): string[] {
  return wrapParts(text.split(' '), ' ', width, indent, hanging);
}

/**
 * The same for parts that stay whole, styled or not. A part that is too long for its indentation gets a smaller one.
 * @param between the parts of a line
 */
export function wrapParts(
  parts: readonly string[],
  between: string,
  width: number,
  indent: string,
  hanging: string,
): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const part of parts) {
    const longer = line === undefined ? indent + part : line + between + part;
    if (line !== undefined && lengthOf(longer) > width) {
      lines.push(line);
      line = hanging.slice(0, Math.max(0, width - lengthOf(part))) + part;
    } else line = longer;
  }
  return [...lines, line ?? indent];
}

const lengthOf = (text: string): number => stripVTControlCharacters(text).length;
