import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from './documents.ts';

/**
 * Holds a part of a document to the source it is made from: what stands between `<!-- name -->` and
 * `<!-- /name -->` in `file`. `UPDATE_DOCS=1 npm test` writes it.
 */
export function expectGeneratedBlock(file: string, name: string, text: string): void {
  const path = join(ROOT, file);
  const document = readFileSync(path, 'utf8');
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const from = document.indexOf(start);
  const to = document.indexOf(end, from);
  expect(from >= 0 && to > from, `${file} has the marks ${start.trim()} and ${end}`).toBe(true);
  const block = `\n${text}\n\n`;
  if (process.env.UPDATE_DOCS === '1')
    writeFileSync(path, document.slice(0, from + start.length) + block + document.slice(to));
  else
    expect(
      document.slice(from + start.length, to),
      `${file} is older than its source: UPDATE_DOCS=1 npm test`,
    ).toBe(block);
}

/** A Markdown table. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
