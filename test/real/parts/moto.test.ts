import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../support/temporary-files.ts';
import { findMoto } from './moto.ts';

let folder = '';

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  vi.stubEnv('PATH', join(folder, 'bin'));
});

/** A `python3 -m venv FOLDER`, whose environments have an interpreter that runs `pip`. */
function python(venv: string, pip: string): void {
  const interpreter = `#!/bin/sh\\n${pip}\\n`;
  const make = `/bin/mkdir -p "$3/bin"; printf '${interpreter}' >"$3/bin/python"; /bin/chmod +x "$3/bin/python"`;
  writeFileSync(join(folder, 'bin', 'python3'), `#!/bin/sh\n${make}\n${venv}\n`);
  chmodSync(join(folder, 'bin', 'python3'), 0o755);
}

const find = () => findMoto(() => undefined, new AbortController().signal);
const inCache = () => readdirSync(join(folder, 'cache', 'eks-cni-metrics', 'real-parts'));

test('without Python 3 it cannot be installed', async () => {
  await expect(find()).rejects.toThrow('Python 3 with venv is needed');
  expect(inCache()).toEqual([]);
});

test.each([
  { venv: 'exit 1', pip: 'exit 0', message: 'Python 3 with venv is needed' },
  { venv: 'exit 0', pip: 'exit 1', message: 'pip cannot install ' },
])('where an installation fails nothing is left of it: $message', async ({ venv, pip, message }) => {
  python(venv, pip);
  await expect(find()).rejects.toThrow(message);
  expect(inCache()).toEqual([]);
});

test('it is installed once', async () => {
  python('exit 0', 'exit 0');
  const found = await find();
  expect(inCache()).toEqual([expect.stringMatching(/^moto-[0-9a-f]{12}$/)]);
  python('exit 1', 'exit 1');
  expect(await find()).toBe(found);
});
