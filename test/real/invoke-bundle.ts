import { pathToFileURL } from 'node:url';

/** The child process of function.ts: loads a built function as Lambda does, and invokes it for each message. */
const [bundle = '', timeoutMs = ''] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(bundle).href);

/** Of an invocation that starts now. */
function contextOf() {
  const end = performance.now() + Number(timeoutMs);
  return { getRemainingTimeInMillis: () => end - performance.now() };
}

process.on('message', async (event) => {
  try {
    process.send?.({ result: await handler(event, contextOf()) });
  } catch (error) {
    const { code, message, remedy } = Object(error);
    process.send?.({ error: { code, message, remedy } });
  }
});
process.send?.('ready');
