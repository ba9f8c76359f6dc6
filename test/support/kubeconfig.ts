import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-files.ts';

/** A kubeconfig in a file of its own: the context `blue` and another one. @returns its path */
export function writeKubeconfig(cluster: object, user: object): string {
  const path = join(temporaryFolder(), 'config');
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
