// Plain JavaScript without dependencies: it must run on every Node from 20.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * A Node for machines whose own is too old: `bin/node` of node-v24.21.0-linux-ARCH.tar.gz, whose checksums are at
 * https://nodejs.org/dist/v24.21.0/SHASUMS256.txt. The packages node-linux-* and the wheels of Playwright for
 * Python 1.63.0 contain the same bytes.
 * @type {Record<string, string>} SHA-256 by architecture
 */
const SHA_256 = {
  x64: '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
  arm64: '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
};

/** What `npm ci` installs on Linux. */
export const BUNDLED = {
  path: fileURLToPath(new URL(`node-24/node_modules/node-linux-${process.arch}/bin/node`, import.meta.url)),
  sha256: SHA_256[process.arch],
};

/** One sentence: why a command cannot run, and what to do. */
export class NodeError extends Error {
  /** @override */
  name = 'NodeError';
}

/**
 * Whether a Node runs TypeScript by itself: the same range as `engines` in package.json.
 * @param {string} version
 */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 18);
}

/**
 * The Node that runs a command: the person's own, or the bundled one where that is too old.
 * @param {{ version: string, execPath: string }} own
 * @param {{ onlyOwn?: boolean, needs24?: boolean }} command onlyOwn: it uses credentials, which no third party's binary
 *   may read; needs24: it uses syntax of Node 24
 * @returns {string} path of the executable
 * @throws NodeError
 */
export function chooseNode(own, { onlyOwn = false, needs24 = false }, { path, sha256 } = BUNDLED) {
  if (runsTypeScript(own.version) && !(needs24 && own.version.startsWith('22.'))) return own.execPath;
  const versions = needs24 ? 'Node 24 or later' : 'Node 22.18 or later of the 22 line, or Node 24 or later';
  const needed = `This command needs ${versions}; this is ${own.version}`;
  if (onlyOwn) throw new NodeError(`${needed}: install one from https://nodejs.org.`);
  const bytes = sha256 && read(path);
  if (!bytes)
    throw new NodeError(
      `${needed}: install one from https://nodejs.org, or run npm ci on Linux (x64, arm64).`,
    );
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new NodeError(
      `${path} does not have the SHA-256 of Node 24.21.0 in tools/node.mjs: run npm ci again.`,
    );
  return path;
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
