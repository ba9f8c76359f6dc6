/** Aborts when the process is asked to end, by Ctrl-C or SIGTERM, so that what was started can be undone. */
export function endSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => controller.abort(new Error(name)));
  return controller.signal;
}
