import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PageFiles } from './bundle.ts';

/** Where the package has them; the repository bundles them in memory instead. */
const PACKED = join(import.meta.dirname, 'page');

export async function pageFiles(): Promise<PageFiles> {
  if (!existsSync(join(PACKED, 'index.html'))) {
    const { bundlePage } = await import('./bundle.ts');
    return (await bundlePage()).files;
  }
  const read = (file: string) => readFileSync(join(PACKED, file), 'utf8');
  return {
    'index.html': read('index.html'),
    'page.js': read('page.js'),
    'page.css': read('page.css'),
    'runbook.md': read('runbook.md'),
  };
}
