// node tools/package.ts [DIRECTORY]: writes the package as npm gets it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { bundle } from '../infra/bundle.ts';
import { NOTICES_FILE, noticesOf } from '../infra/notices.ts';
import { bundlePage, PAGE_FILES } from '../local/page/bundle.ts';
import manifest from '../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');

/** What the package's code itself needs; newer than what the CDK needs. */
const ENGINES = { node: '>=22.18' };

const PEERS = ['aws-cdk-lib', 'constructs'] as const;
const DEPENDENCIES = ['zod'] as const;
const EXTERNAL = [...PEERS, ...DEPENDENCIES];

/** @param directory emptied first, so no folder of anything else may be given */
async function writePackage(directory: string): Promise<void> {
  if (!isEmptyOrPackage(directory))
    throw new Error(`${directory} is not empty and holds no earlier package: name another folder.`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeDeclarations(directory);
  await writeConstruct(join(directory, 'lib'));
  await bundle(join(directory, 'lib/lambda'));
  const { inputs, outputs } = await writeCommandLine(join(directory, 'cli'));
  const page = await writePage(join(directory, 'cli/page'));
  writeFileSync(
    join(directory, NOTICES_FILE),
    noticesOf({ inputs: { ...inputs, ...page.inputs }, outputs }, ROOT),
  );
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md'])
    cpSync(join(ROOT, file), join(directory, file));
  for (const file of globSync('infra/*.yaml', { cwd: ROOT })) cpSync(join(ROOT, file), join(directory, file));
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(packedManifest(), undefined, 2)}\n`);
}

/** Whether only an earlier package can be lost with the folder. */
function isEmptyOrPackage(directory: string): boolean {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return true;
  return existsSync(join(directory, 'cli/main.mjs')) && existsSync(join(directory, NOTICES_FILE));
}

/** Not the one of the repository, which names what builds and tests it. */
function packedManifest() {
  const { name, version, description, license, dependencies } = manifest;
  const rangesOf = (names: readonly (keyof typeof dependencies)[]) =>
    Object.fromEntries(names.map((each) => [each, dependencies[each]]));
  return {
    name,
    version,
    description,
    license,
    keywords: ['aws', 'cdk', 'eks', 'kubernetes', 'cni', 'cloudwatch', 'metrics'],
    bin: { [name]: 'cli/main.mjs' },
    main: 'lib/index.js',
    types: 'types/infra/index.d.ts',
    exports: {
      '.': { types: './types/infra/index.d.ts', default: './lib/index.js' },
      './package.json': './package.json',
      './infra/rbac.yaml': './infra/rbac.yaml',
      './infra/rbac-node.yaml': './infra/rbac-node.yaml',
    },
    dependencies: rangesOf(DEPENDENCIES),
    peerDependencies: rangesOf(PEERS),
    engines: ENGINES,
  };
}

function writeDeclarations(directory: string): void {
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  const project = join(ROOT, 'tsconfig.package.json');
  execFileSync(compiler, ['--project', project, '--outDir', join(directory, 'types')], { stdio: 'inherit' });
}

/**
 * CommonJS, which every CDK app can load, from JavaScript and TypeScript, CommonJS and ESM. The CDK stays outside: its
 * constructs must be those of the app.
 */
async function writeConstruct(outdir: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: { index: 'infra/index.ts' },
    outdir,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    external: EXTERNAL,
    define: { 'import.meta.dirname': '__dirname' },
    logLevel: 'warning',
  });
}

/** What the page of `demo` and `watch` loads. */
async function writePage(directory: string): Promise<Metafile> {
  const { files, metafile } = await bundlePage();
  mkdirSync(directory);
  for (const name of PAGE_FILES) writeFileSync(join(directory, name), files[name]);
  return metafile;
}

/** With all it needs but the CDK, which only `configure` loads. */
async function writeCommandLine(outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { main: 'cli/main.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    // The package has the page's files, which the repository bundles when they are asked for.
    external: [...EXTERNAL, 'esbuild'],
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
    legalComments: 'eof',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

try {
  const { positionals } = parseArgs({ allowPositionals: true });
  await writePackage(resolve(positionals[0] ?? join(ROOT, 'dist/package')));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
