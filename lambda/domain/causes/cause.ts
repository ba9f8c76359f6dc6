/**
 * Every way in which a cycle can fail, completely or in part: a stable code, what it means, what to do.
 * Errors, scrape failures, warnings and the diagnosis share these lists; the table in the docs is generated from them.
 */
export interface Cause {
  readonly meaning: string;
  /** One sentence that starts with a verb: a command or a setting. */
  readonly remedy: string;
}
