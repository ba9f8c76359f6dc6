import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildResult, build, type Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** Where `npm run build` writes the function, and where the stack takes it from. */
export const BUNDLE_DIR = join(ROOT, 'dist/lambda');

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
 * Writes the function as Lambda gets it: `index.mjs`, which exports `handler`, and the chunks that it loads
 * only when they are needed (EC2, EKS, Kubernetes client). Everything is inside: what a runtime ships of the
 * SDK is no promise. Not minified, since that does not speed up the import and people want to read what they run.
 * @param outdir emptied first
 */
export async function bundle(outdir: string): Promise<BuildResult<{ metafile: true }>> {
  rmSync(outdir, { recursive: true, force: true });
  return build({
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
    plugins: [requireHttp],
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
}

if (process.argv[1] === import.meta.filename) await bundle(BUNDLE_DIR);
