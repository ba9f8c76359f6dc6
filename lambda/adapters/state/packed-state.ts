import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { stateFromText, stateToText } from '../../domain/state/format.ts';
import { type Header, headerFromText, headerToText } from '../../domain/state/header.ts';
import { UnusableState } from '../../domain/state/shape.ts';
import type { State } from '../../domain/state/state.ts';

/**
 * The bytes of stored state: two gzip members one after the other, which any gunzip reads as one text.
 * The header is a member of its own and of fixed length, so that a lease replaces it without compressing
 * 5,000 pods again.
 *
 * A lease has to change the bytes: the ETag of an object can be the MD5 of its body alone. A lease in the
 * object's metadata would not change it, and two leases with If-Match would both succeed.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
const HEADER_BYTES = 1_024;
/** A stored block, so the length is known: 10 bytes of gzip header, 5 of the block, 8 of trailer. */
export const HEADER_MEMBER_BYTES = HEADER_BYTES + 23;

/** State with its compressed member, which is empty until a commit. */
export interface Packed {
  readonly state: State | undefined;
  readonly member: Uint8Array;
}

export const NOTHING: Packed = { state: undefined, member: new Uint8Array() };

export function pack(state: State): Packed {
  // Digits hardly repeat: a higher level takes more time and saves few bytes.
  return { state, member: gzipSync(stateToText(state), { level: constants.Z_BEST_SPEED }) };
}

export function join(header: Header, { member }: Packed): Uint8Array {
  const line = headerToText(header).padStart(HEADER_BYTES);
  return Buffer.concat([gzipSync(line, { level: constants.Z_NO_COMPRESSION }), member]);
}

/**
 * @param cluster the cluster whose state is expected
 * @throws UnusableState
 */
export function split(bytes: Uint8Array, cluster: string): Packed & { readonly header: Header } {
  const header = headerFromText(inflated(bytes.subarray(0, HEADER_MEMBER_BYTES)), cluster);
  const member = bytes.subarray(HEADER_MEMBER_BYTES);
  return { header, member, state: member.length ? stateFromText(inflated(member)) : undefined };
}

/** About 100,000 pods; protects the memory from objects that are small only while compressed. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

function inflated(bytes: Uint8Array): string {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_TEXT_BYTES }).toString();
  } catch (cause) {
    throw new UnusableState('not gzip, or cut short', { cause });
  }
}
