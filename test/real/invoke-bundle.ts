import { pathToFileURL } from 'node:url';

/** The child process of function.ts: loads a built function as Lambda does, and invokes it for each message. */
const [bundle = ''] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(bundle).href);

process.on('message', async (event) => {
  try {
    process.send?.({ result: await handler(event) });
  } catch (error) {
    const { code, message, remedy } = Object(error);
    process.send?.({ error: { code, message, remedy } });
  }
});
process.send?.('ready');
