import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** A Markdown file of the repository; `file` is relative to its root. */
export interface Document {
  readonly file: string;
  readonly text: string;
}

export function documents(): Document[] {
  return globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', '.github/**/*.md'], { cwd: ROOT })
    .sort()
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
}

/** The fenced blocks of a language, without the indentation that a list gives them. */
export function blocksOf(text: string, language: string): string[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms');
  return [...text.matchAll(fence)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** The text without its fenced blocks and inline code, in which nothing is a link or a heading. */
export function proseOf(text: string): string {
  return text
    .replace(/^ *```.*?^ *```$/gms, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));
}

/** The anchors GitHub gives the headings: lower case, spaces to hyphens, no other punctuation, numbered where equal. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let times = 1; anchors.has(unique); times++) unique = `${anchor}-${times}`;
    anchors.add(unique);
  }
  return anchors;
}
