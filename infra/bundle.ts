import { rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildResult, build, type Plugin } from 'esbuild';
import { NOTICES_FILE, noticesOf } from './notices.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * An ESM import of `node:http` reads every export of it. One is `WebSocket`, which loads undici: a tenth of a cold
 * start, for nothing. `require` reads none.
 */
const requireHttp: Plugin = {
  name: 'require-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'require-call'
        ? { path: 'node:http', external: true }
        : { path: 'http', namespace: 'required' },
    );
    onLoad({ filter: /^http$/, namespace: 'required' }, () => ({
      contents: "module.exports = require('node:http');",
    }));
  },
};

/**
 * The SDK describes every operation of a service, with constants as the keys of objects. esbuild keeps what has such a key,
 * though nothing uses it; without them it drops all operations but ours, most of the S3 client.
 */
const literalKeys: Plugin = {
  name: 'literal-keys',
  setup({ onLoad }) {
    onLoad({ filter: /schemas_0\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const constants = new Map(
        [...text.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]),
      );
      const contents = text.replaceAll(/\[(\w{1,40})\]:/g, (key, name) =>
        constants.has(name) ? `${constants.get(name)}:` : key,
      );
      return { contents };
    });
  },
};

/**
 * Writes the function as Lambda gets it: `index.mjs`, which exports `handler`, and the chunks that it loads
 * only when they are needed (EC2, EKS, Kubernetes client). All dependencies are inside, with their legal notices:
 * the SDK of a runtime can change at any time. Without white space, which a cold start would read too; names stay, and lines
 * are short, so that a stack trace says where an error comes from.
 * @param outdir emptied first
 */
export async function bundle(outdir: string): Promise<BuildResult<{ metafile: true }>> {
  rmSync(outdir, { recursive: true, force: true });
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: { index: join(ROOT, 'lambda/handler.ts') },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The ESM builds of the SDK are tree-shaken better than those for require().
    mainFields: ['module', 'main'],
    // Some dependencies are CommonJS and call require() for modules of Node.
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
    plugins: [requireHttp, literalKeys],
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    legalComments: 'eof',
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(outdir, NOTICES_FILE), noticesOf(result.metafile, ROOT));
  return result;
}

// node infra/bundle.ts [DIRECTORY]
if (process.argv[1] === import.meta.filename) await bundle(process.argv[2] ?? join(ROOT, 'dist/lambda'));
