/**
 * Breaks a text between its words, so that no line is longer than `width` unless a word alone is.
 * @param indent before the first line
 * @param hanging before the lines after it
 */
export function wrap(text: string, width: number, indent: string, hanging: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const empty = line === indent || line === hanging;
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = hanging + word;
    } else line += empty ? word : ` ${word}`;
  }
  return [...lines, line];
}
