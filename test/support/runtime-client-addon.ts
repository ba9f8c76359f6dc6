import { Agent, request } from 'node:http';
import { registerHooks } from 'node:module';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

/**
 * Preloaded into a process that runs aws-lambda-ric: stands in for its native addon alone, which needs cmake,
 * autoconf and a C++ compiler to install. The addon is an HTTP client with three functions
 * (src/native/rapid-client.cc of the package); all else of the package is as AWS runs it.
 */
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!specifier.endsWith('/rapid-client.node')) return nextResolve(specifier, context);
    return { url: pathToFileURL(import.meta.filename).href, format: 'module', shortCircuit: true };
  },
});

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
// One connection keeps the order of calls, as the addon does.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method: string, path: string, body = '', headers = {}) {
  return new Promise<{ bodyJson: string; headers: object }>((resolve, reject) => {
    request(`${base}${path}`, { method, agent, headers }, async (response) => {
      resolve({ bodyJson: await text(response), headers: response.headers });
    })
      .on('error', reject)
      .end(body);
  });
}

export const next = () => call('GET', '/next');

export function done(id: string, body: string): void {
  call('POST', `/${id}/response`, body, { 'content-type': 'application/json' });
}

export function error(id: string, body: string, xray: string): void {
  const headers = { 'content-type': 'application/json', 'lambda-runtime-function-xray-error-cause': xray };
  call('POST', `/${id}/error`, body, headers);
}
