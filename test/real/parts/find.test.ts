import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../support/temporary-files.ts';
import { findParts } from './find.ts';
import { ENVTEST_PARTS } from './parts.ts';

let folder = '';

/** An executable, whose only output is `text`. */
function program(path: string, text = ''): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho ${text}\n`);
  chmodSync(path, 0o755);
}

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  vi.stubEnv('KUBEBUILDER_ASSETS', '');
  vi.stubEnv('PATH', `${folder}/bin:/bin`);
});

const find = () => findParts(() => undefined, new AbortController().signal);

test.each([
  { go: undefined, found: 'none' },
  { go: 'go1.25.9', found: '1.25.9' },
  { go: 'go1.26', found: '1.26' },
])('without the parts, Go $found is not enough', async ({ go, found }) => {
  if (go !== undefined) program(join(folder, 'bin', 'go'), go);
  await expect(find()).rejects.toThrow(`Go 1.26.6 or newer is needed to build them; found: ${found}`);
});

test('a folder of envtest must have its parts', async () => {
  program(join(folder, 'bin', 'go'), 'go1.26.10');
  vi.stubEnv('KUBEBUILDER_ASSETS', join(folder, 'assets'));
  for (const name of ENVTEST_PARTS.slice(1)) program(join(folder, 'assets', name));
  await expect(find()).rejects.toThrow('KUBEBUILDER_ASSETS has no kube-apiserver');
});
