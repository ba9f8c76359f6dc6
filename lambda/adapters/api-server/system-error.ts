/** The system's code of an error, such as ECONNREFUSED; '' where it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** One line that says what is wrong, of whatever was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses tried make one error without a message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  // Of OpenSSL's dump of its error queue only the reason.
  return error.message.replace(/^.*SSL routines:[^:]*:([^:]+).*$/s, '$1');
}
