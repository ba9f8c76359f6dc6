import { stripVTControlCharacters } from 'node:util';

/**
 * Breaks a text between its words, so that no line is longer than `width` unless a word alone is.
 * @param indent before the first line
 * @param hanging before the lines after it
 */
export function wrap(text: string, width: number, indent: string, hanging: string): string[] {
  return wrapParts(text.split(' '), ' ', width, indent, hanging);
}

/** The same for parts that stay whole, styled or not. @param between the parts of a line */
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
    if (line !== undefined && stripVTControlCharacters(longer).length > width) {
      lines.push(line);
      line = hanging + part;
    } else line = longer;
  }
  return [...lines, line ?? indent];
}
