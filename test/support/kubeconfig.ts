import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory of its own for the test; gone with it. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A kubeconfig in a file of its own: the context `blue` and another one. @returns its path */
export function writeKubeconfig(cluster: object, user: object): string {
  const path = join(scratch(), 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'blue-cluster', cluster },
      { name: 'far', cluster: { server: 'https://far.invalid' } },
    ],
    users: [{ name: 'me', user }],
    contexts: [
      { name: 'far', context: { cluster: 'far', user: 'nobody' } },
      { name: 'blue', context: { cluster: 'blue-cluster', user: 'me' } },
    ],
    'current-context': 'far',
  };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  return path;
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** An exec plug-in that prints this and ends. */
export const printing = (text: string, code = 0) => ({
  command: process.execPath,
  args: [
    '-e',
    'process.stdout.write(process.argv[1]); process.exitCode = Number(process.argv[2])',
    text,
    `${code}`,
  ],
});
