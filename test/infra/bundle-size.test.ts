import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundle } from '../../infra/bundle.ts';
import { temporaryFolder } from '../support/temporary-files.ts';

/** What a cold start reads and compiles, in bytes; raise it knowingly, with the reason in the commit. */
const EAGER_BYTES = 660_000;
const GROWTH = 1.1;

/** Loaded only by a cycle, a diagnosis or a person who needs them. */
const LAZY = ['@aws-sdk/client-ec2', '@aws-sdk/client-eks', '@kubernetes/client-node'];

const directory = temporaryFolder();
const { metafile } = await bundle(directory);

/** The files that importing the entry loads, without those behind `import()`. */
function eagerFiles(): string[] {
  const loaded = new Set(Object.keys(metafile.outputs).filter((file) => file.endsWith('/index.mjs')));
  for (const file of loaded) {
    for (const { kind, path, external } of metafile.outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && !external) loaded.add(path);
    }
  }
  return [...loaded];
}

test('a cold start loads no more than it did, within a tenth', () => {
  const bytes = eagerFiles().reduce((sum, file) => sum + (metafile.outputs[file]?.bytes ?? 0), 0);
  expect(bytes).toBeGreaterThan(EAGER_BYTES / GROWTH);
  expect(bytes).toBeLessThan(EAGER_BYTES * GROWTH);
});

test('a cold start loads no client that a plain cycle does not need', () => {
  const inputs = eagerFiles().flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));
  expect(inputs.filter((file) => LAZY.some((name) => file.includes(`node_modules/${name}/`)))).toEqual([]);
});

test('the bundle contains nothing of the local cluster and its page', () => {
  const inputs = Object.keys(metafile.inputs);
  expect(inputs).toContain('lambda/handler.ts');
  expect(inputs.filter((file) => /^(local|cli|infra)\/|node_modules\/(uplot|marked)\//.test(file))).toEqual(
    [],
  );
});

test('a cold start does not load the undici inside Node', async () => {
  const script = "await import('./index.mjs'); process.stdout.write(process.moduleLoadList.join(' '));";
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: directory,
    env: { AWS_REGION: 'eu-central-1', CLUSTER_NAME: 'bundle' },
  });
  expect(stdout).toContain('NativeModule http');
  expect(stdout).not.toContain('undici');
});
