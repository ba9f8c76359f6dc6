import { createHash } from 'node:crypto';
import type { VersionedObject } from './versioned-object.ts';

/** Stored objects: bytes by name. */
export type StoredObjects = Map<string, Uint8Array>;

/**
 * An object that lives as long as its process: used if STATE_BUCKET is not set, and in simulations. Its version is the
 * MD5 of its bytes, like an ETag of S3.
 */
export function memoryObject(name: string, objects: StoredObjects = new Map()): VersionedObject {
  const version = (): string | undefined => {
    const bytes = objects.get(name);
    return bytes && createHash('md5').update(bytes).digest('hex');
  };
  return {
    name,
    async read() {
      const [bytes, present] = [objects.get(name), version()];
      return bytes && present ? { version: present, bytes } : undefined;
    },
    async replace(bytes, expected) {
      if (version() !== expected) return undefined;
      objects.set(name, bytes);
      return version();
    },
    async quarantine(expected, time) {
      const bytes = objects.get(name);
      if (bytes === undefined || version() !== expected) return undefined;
      const copy = `${name}.quarantine-${new Date(time).toISOString()}`;
      objects.set(copy, bytes);
      return copy;
    },
  };
}
