import { getHeapStatistics } from 'node:v8';
import { constants, gzipSync } from 'node:zlib';
import { stateFromText, stateToText } from '../../domain/state/format.ts';
import { type Header, headerFromText, headerToText } from '../../domain/state/header.ts';
import { withoutRareApis } from '../../domain/state/kept-apis.ts';
import type { State } from '../../domain/state/state.ts';
import { isReadable, type Limits, storedText } from './stored-text.ts';

/**
 * The bytes of a stored state: two gzip members one after the other, which any gunzip reads as one text.
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

/**
 * The longest text of a state: 8 MiB, some 50,000 pods, in a function of 512 MB. A small object can inflate to any
 * length, and JSON.parse needs many times as much heap.
 */
export const MAX_TEXT_BYTES = Math.floor(getHeapStatistics().heap_size_limit / 48);

/**
 * A state has some hundred, one to four for each pod that is gone, was not read, refuses pods or has restarted, which has 33
 * bytes for each of them, and some 140 for each subnet.
 */
const TEXT_LIMITS: Limits = { maxBytes: MAX_TEXT_BYTES, maxParts: MAX_TEXT_BYTES / 32 };

/** A state with its compressed member, which is empty while nothing is committed. */
export interface Packed {
  readonly state: State | undefined;
  readonly member: Uint8Array;
}

export const NOTHING: Packed = { state: undefined, member: new Uint8Array() };

interface NewlyPacked extends Packed {
  readonly state: State;
  /** Length of the text in the member. */
  readonly textBytes: number;
  /** Whether a function of this size can read the text again. */
  readonly isReadable: boolean;
}

/**
 * Where the text would be too long to be read again, pods that are gone are forgotten, then the APIs of few pods count
 * together, and then the history of subnets is forgotten.
 */
export function pack(state: State): NewlyPacked {
  const packed = packWhole(state);
  if (packed.isReadable) return packed;
  const listed = new Map([...state.pods].filter(([, { missingSince }]) => missingSince === undefined));
  const present = packWhole({ ...state, pods: listed });
  if (present.isReadable) return present;
  const common = packWhole(withoutRareApis({ ...state, pods: listed }));
  if (common.isReadable) return common;
  const { subnets: _, ...counters } = common.state;
  return packWhole(counters);
}

function packWhole(state: State): NewlyPacked {
  const text = Buffer.from(stateToText(state));
  // Digits hardly repeat: a higher level costs more time than it saves bytes.
  return {
    state,
    member: gzipSync(text, { level: constants.Z_BEST_SPEED }),
    textBytes: text.length,
    isReadable: isReadable(text, TEXT_LIMITS),
  };
}

export function join(header: Header, { member }: Pick<Packed, 'member'>): Uint8Array {
  const line = headerToText(header).padStart(HEADER_BYTES);
  return Buffer.concat([gzipSync(line, { level: constants.Z_NO_COMPRESSION }), member]);
}

/**
 * @param cluster the cluster whose state is expected
 * @param now epoch milliseconds
 * @throws UnusableState
 */
export function split(bytes: Uint8Array, cluster: string, now: number): Packed & { readonly header: Header } {
  const limits = { maxBytes: HEADER_BYTES, maxParts: HEADER_BYTES };
  const line = storedText(bytes.subarray(0, HEADER_MEMBER_BYTES), limits);
  const header = headerFromText(line.toString(), cluster, now);
  const member = bytes.subarray(HEADER_MEMBER_BYTES);
  if (member.length === 0) return { header, ...NOTHING };
  const text = storedText(member, TEXT_LIMITS);
  return { header, member, state: stateFromText(text.toString(), now) };
}
