import { gzipSync } from 'node:zlib';
import type { TextStore } from '../../collect/ports.ts';
import { storedText } from './stored-text.ts';
import type { VersionedObject } from './versioned-object.ts';

/** A larger text is not one that this function wrote. */
const LIMITS = { maxBytes: 4 * 1024 * 1024, maxParts: 150_000 };

/** A text in one object, compressed. A write that meets another one is dropped: that one is as new. */
export function textStore(object: VersionedObject): TextStore {
  let version: string | undefined;
  return {
    async load(deadline) {
      const found = await object.read(deadline);
      version = found?.version;
      if (!found?.bytes) return undefined;
      try {
        return storedText(found.bytes, LIMITS).toString();
      } catch {
        return undefined;
      }
    },
    async store(text, deadline) {
      version = await object.replace(gzipSync(text), version, deadline);
    },
  };
}
