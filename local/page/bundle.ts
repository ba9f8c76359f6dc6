import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** What the browser loads, and the runbook in Markdown. */
export const PAGE_FILES = ['index.html', 'page.js', 'page.css', 'runbook.md'] as const;
export type PageFiles = Readonly<Record<(typeof PAGE_FILES)[number], string>>;

/** Bundles what the browser loads. Nothing is written. */
export async function bundlePage(): Promise<{ readonly files: PageFiles; readonly metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    entryPoints: {
      page: join(import.meta.dirname, 'browser/main.ts'),
      style: join(import.meta.dirname, 'browser/page.css'),
    },
    outdir: '/',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  const output = (name: string) => outputFiles.find(({ path }) => path.endsWith(name))?.text ?? '';
  const read = (...path: string[]) => readFileSync(join(import.meta.dirname, ...path), 'utf8');
  const files = {
    'index.html': read('browser/index.html'),
    'page.js': output('page.js'),
    'page.css': output('style.css'),
    'runbook.md': read('../../docs/runbook.md'),
  };
  return { files, metafile };
}
