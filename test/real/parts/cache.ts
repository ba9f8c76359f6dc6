import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a part is, or will be. @param revision names all that it is made of */
export function cached(name: string, revision: string): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'eks-cni-metrics', 'real-parts', `${name}-${revision}`);
}

/** Of a file, as part of a revision. */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

export const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
