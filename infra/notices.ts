import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';

const LEGAL_FILE = /^((un)?licen[cs]e|notice|copying)/i;
const PACKAGE = /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/;

/** The files that the legal notices of bundled packages are written to. */
export const NOTICES_FILE = 'THIRD-PARTY-NOTICES.txt';

/**
 * The legal notices of all packages in a bundle, and of what these contain of others: licenses demand that they go where
 * the code goes. Packages with the same text stand above one copy of it.
 * @param root of the repository, to which the paths of the metafile are relative
 */
export function noticesOf({ inputs }: Metafile, root: string): string {
  const packages = new Map<string, Set<string>>();
  for (const [directory, folders] of foldersByPackage(Object.keys(inputs))) {
    const { name, version, license } = JSON.parse(
      readFileSync(join(root, directory, 'package.json'), 'utf8'),
    );
    const texts = [...folders].sort().flatMap((folder) => legalTexts(join(root, folder)));
    const text = texts.join('\n\n') || 'The package contains no text of its license.';
    const names = packages.get(text) ?? new Set();
    packages.set(text, names.add(`${name} ${version} (${license})`));
  }
  const parts = [...packages].map(([text, names]) => [[...names].sort().join('\n'), text] as const);
  return parts
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([names, text]) => `${names}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folders of bundled files, up to that of their package: code of others has its license beside it. */
function foldersByPackage(files: readonly string[]): Map<string, Set<string>> {
  const packages = new Map<string, Set<string>>();
  for (const file of files) {
    const [directory] = PACKAGE.exec(file) ?? [];
    if (directory === undefined) continue;
    const folders = packages.get(directory) ?? new Set([directory]);
    packages.set(directory, folders);
    for (let folder = dirname(file); folder.length > directory.length; folder = dirname(folder))
      folders.add(folder);
  }
  return packages;
}

function legalTexts(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LEGAL_FILE.test(entry.name))
    .map(({ name }) => readFileSync(join(folder, name), 'utf8').trim());
}
