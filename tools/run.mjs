// node tools/run.mjs [--own-node | --node-24] PROGRAM [ARGUMENTS]
// Runs a TypeScript file of this repository, or a command of its dependencies, with a Node that can run it.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseNode, NodeError } from './node.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const [flag = ''] = process.argv.slice(2, 3).filter((argument) => argument.startsWith('--'));
const [program = '', ...args] = process.argv.slice(flag ? 3 : 2);

try {
  const own = { version: process.versions.node, execPath: process.execPath };
  run(chooseNode(own, { onlyOwn: flag === '--own-node', needs24: flag === '--node-24' }));
} catch (error) {
  if (!(error instanceof NodeError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** @param {string} node */
function run(node) {
  const file = program.endsWith('.ts')
    ? `${ROOT}${program}`
    : realpathSync(`${ROOT}node_modules/.bin/${program}`);
  // Node 22 warns that type stripping is experimental.
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', file, ...args], {
    stdio: 'inherit',
    // Programs that start `node` get the same one.
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
  });
  // A terminal sends SIGINT to both: the program decides when to end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
  });
}
