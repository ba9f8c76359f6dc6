import { createHash } from 'node:crypto';
import type { VersionedObject } from './versioned-object.ts';

/** Bytes by name. */
export type Shelf = Map<string, Uint8Array>;

/**
 * An object that lives as long as its process: where STATE_BUCKET is not set, and in simulations. As with an
 * ETag of S3, its version is the MD5 of its bytes.
 */
export function memoryObject(name: string, shelf: Shelf = new Map()): VersionedObject {
  const version = (): string | undefined => {
    const bytes = shelf.get(name);
    return bytes && createHash('md5').update(bytes).digest('hex');
  };
  return {
    name,
    async read() {
      const [bytes, present] = [shelf.get(name), version()];
      return bytes && present ? { version: present, bytes } : undefined;
    },
    async replace(bytes, expected) {
      if (version() !== expected) return undefined;
      shelf.set(name, bytes);
      return version();
    },
    async quarantine(expected, time) {
      const bytes = shelf.get(name);
      if (bytes === undefined || version() !== expected) return undefined;
      const copy = `${name}.quarantine-${new Date(time).toISOString()}`;
      shelf.set(copy, bytes);
      return copy;
    },
  };
}
