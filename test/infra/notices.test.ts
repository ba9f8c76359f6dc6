import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { noticesOf } from '../../infra/notices.ts';
import { temporaryFolder } from '../support/temporary-files.ts';

const FILES = {
  'node_modules/fetcher/package.json': '{"name":"fetcher","version":"1.0.0","license":"MIT"}',
  'node_modules/fetcher/LICENSE': 'MIT, of the fetchers',
  'node_modules/fetcher/index.js': '',
  'node_modules/fetcher/lib/parser/LICENSE.md': 'ISC, of the parsers',
  'node_modules/fetcher/lib/parser/wasm/module.js': '',
  'node_modules/fetcher/docs/NOTICE': 'of a page that is not bundled',
  'node_modules/fetcher/node_modules/@own/buffers/package.json':
    '{"name":"@own/buffers","version":"3.0.0","license":"Unlicense"}',
  'node_modules/fetcher/node_modules/@own/buffers/UNLICENSE': 'in the public domain',
  'node_modules/fetcher/node_modules/@own/buffers/lib/index.js': '',
  'node_modules/bare/package.json': '{"name":"bare","version":"0.1.0","license":"MIT"}',
  'node_modules/bare/index.js': '',
  'src/LICENSE': 'our own',
  'src/index.js': '',
};

test('the notices are those of each bundled package, and of the code of others in it', () => {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const inputs = Object.fromEntries(
    Object.keys(FILES)
      .filter((path) => path.endsWith('.js'))
      .map((path) => [path, { bytes: 0, imports: [] }]),
  );
  const rule = '-'.repeat(80);
  expect(noticesOf({ inputs, outputs: {} }, root)).toBe(
    [
      '@own/buffers 3.0.0 (Unlicense)\n\nin the public domain\n',
      'bare 0.1.0 (MIT)\n\nThe package contains no text of its license.\n',
      'fetcher 1.0.0 (MIT)\n\nMIT, of the fetchers\n\nISC, of the parsers\n',
    ].join(`\n${rule}\n\n`),
  );
});
