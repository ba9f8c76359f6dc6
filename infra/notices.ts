import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const LEGAL_FILE = /^(licen[cs]e|notice|copying)/i;

/** The files that the legal notices of bundled packages are written to. */
export const NOTICES_FILE = 'THIRD-PARTY-NOTICES.txt';

/**
 * The legal notices of all packages in a bundle: licenses demand that they go where the code goes. Packages with the
 * same text stand above one copy of it.
 * @param root of the repository, to which the paths of the metafile are relative
 */
export function noticesOf({ inputs }: Metafile, root: string): string {
  const directories = Object.keys(inputs).flatMap(
    (file) => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? [],
  );
  const packages = new Map<string, Set<string>>();
  for (const directory of new Set(directories)) {
    const { name, version, license } = JSON.parse(
      readFileSync(join(root, directory, 'package.json'), 'utf8'),
    );
    const text = legalText(join(root, directory)) || 'The package contains no text of its license.';
    const names = packages.get(text) ?? new Set();
    packages.set(text, names.add(`${name} ${version} (${license})`));
  }
  const parts = [...packages].map(([text, names]) => [[...names].sort().join('\n'), text] as const);
  return parts
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([names, text]) => `${names}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function legalText(directory: string): string {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LEGAL_FILE.test(entry.name))
    .map(({ name }) => readFileSync(join(directory, name), 'utf8').trim())
    .join('\n\n');
}
