import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blocksOf, documents, ROOT } from './support/documents.ts';

const blocks = documents().flatMap(({ file, text }) =>
  blocksOf(text, 'sh').map((block, index) => ({ name: `${file}, block ${index + 1}`, block })),
);

/** What a shell says about the syntax of a block; nothing where it has no fault. */
const complaintOf = (shell: string, block: string): string =>
  spawnSync(shell, ['-n'], { input: block, encoding: 'utf8' }).stderr;

test('the documents have shell blocks', () => {
  expect(blocks.length).toBeGreaterThan(20);
});

for (const shell of ['bash', 'zsh']) {
  const isThere = spawnSync(shell, ['-c', 'exit']).status === 0;

  test.skipIf(!isThere)(`${shell} finds faults of syntax`, () => {
    expect(complaintOf(shell, 'for POD in a b; do echo')).not.toBe('');
  });

  test.skipIf(!isThere)(`every shell block parses in ${shell}`, () => {
    const faulty = blocks.filter(({ block }) => complaintOf(shell, block) !== '');
    expect(faulty.map(({ name, block }) => `${name}: ${complaintOf(shell, block)}`)).toEqual([]);
  });
}

test('no command has a comment behind it: an interactive zsh would take it for arguments', () => {
  // https://zsh.sourceforge.io/Doc/Release/Options.html: INTERACTIVE_COMMENTS is off by default.
  const behind = blocks.flatMap(({ name, block }) =>
    block
      .split('\n')
      .filter((line) => /^\s*[^#\s].*\s#(\s|$)/.test(line))
      .map((line) => `${name}: ${line}`),
  );
  expect(behind).toEqual([]);
});

test('npx runs only what npm ci installs: it would download the rest from whoever holds the name', () => {
  const run = documents().flatMap(({ file, text }) =>
    [...text.matchAll(/\bnpx ([a-z][\w-]*)/g)].map(([, program = '']) => ({ file, program })),
  );
  expect(run.length).toBeGreaterThan(5);
  const isInstalled = (program: string) => existsSync(join(ROOT, 'node_modules/.bin', program));
  expect(run.filter(({ program }) => !isInstalled(program))).toEqual([]);
});
