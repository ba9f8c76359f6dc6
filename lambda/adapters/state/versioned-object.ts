import type { Deadline } from '../../deadline.ts';

/** One stored object. A write replaces only the version that the writer has seen. */
export interface VersionedObject {
  /** As messages name it. */
  readonly name: string;
  /**
   * Undefined: there is none. Without `bytes`: it is too large to be state.
   * @throws CollectorError
   */
  read(deadline: Deadline): Promise<{ readonly version: string; readonly bytes?: Uint8Array } | undefined>;
  /**
   * @param version what must be stored now; undefined: nothing
   * @returns the new version; undefined: something else is stored and nothing was written
   * @throws CollectorError if it is unknown whether it was written
   */
  replace(bytes: Uint8Array, version: string | undefined, deadline: Deadline): Promise<string | undefined>;
  /**
   * Copies this version to a name under which it is not overwritten.
   * @returns the name of the copy; undefined: something else is stored
   * @throws CollectorError
   */
  quarantine(version: string, time: number, deadline: Deadline): Promise<string | undefined>;
}
