/** The system's code of an error, such as ECONNREFUSED; '' if it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The message of anything that was thrown, in one line. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // After several addresses were tried there is one error without a message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return reasonOf(error.message);
}

/** Of OpenSSL's dump of its error queue (`…:SSL routines:function:reason:file:…`) only the reason. */
function reasonOf(message: string): string {
  const [, ...dumps] = message.split('SSL routines:');
  return dumps.at(-1)?.split(':', 2)[1] || message;
}
