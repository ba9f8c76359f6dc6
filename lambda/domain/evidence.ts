import { printable } from './printable.ts';
import { redact } from './redact.ts';

/**
 * Text from outside, such as the message of a server, as messages, logs and terminals may show it: cut, without
 * credentials, and on one line of printable characters.
 */
export function evidence(text: string, maxCharacters?: number): string {
  return printable(redact(text, maxCharacters).replace(/\s+/g, ' '));
}

/** The longest value that a message quotes, in characters: enough to recognize it. */
const QUOTED_CHARACTERS = 80;

/** A value of JSON for a message: text is quoted and cut; objects and lists can be large, so only their kind is named. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') {
    const shown = evidence(JSON.stringify(value.slice(0, QUOTED_CHARACTERS)));
    return value.length > QUOTED_CHARACTERS ? `${shown}… (${value.length} characters)` : shown;
  }
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
