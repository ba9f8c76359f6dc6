import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { createAuthority } from '../../local/certificates.ts';
import { listenOnLoopback } from '../../local/connections.ts';

const [ours, another] = await Promise.all([createAuthority('cluster'), createAuthority('another cluster')]);

/** The error code of a TLS client that trusts `ca` and asks a server with `certificate` for `host`. */
async function handshake(certificate: { cert: string; key: string }, ca: string, host: string) {
  const server = createServer(certificate, (socket) => socket.on('error', () => undefined));
  const { port, close } = await listenOnLoopback(server);
  const client = connect({ port, host, ca });
  try {
    return await new Promise((resolve) => {
      client.once('secureConnect', () => resolve(client.authorized ? 'trusted' : 'not trusted'));
      client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
  } finally {
    client.destroy();
    await close();
  }
}

test.each([
  { name: 'a name of the certificate', host: 'localhost', ca: ours, outcome: 'trusted' },
  { name: 'an address of the certificate', host: '127.0.0.1', ca: ours, outcome: 'trusted' },
  { name: 'another authority', host: '127.0.0.1', ca: another, outcome: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
])('a TLS client meets $name: $outcome', async ({ host, ca, outcome }) => {
  const certificate = await ours.issue(['localhost', '127.0.0.1', '::1']);
  expect(await handshake(certificate, ca.certificate, host)).toBe(outcome);
});

test('a TLS client refuses a certificate for other hosts', async () => {
  const certificate = await ours.issue(['elsewhere.example', '10.0.0.1']);
  expect(await handshake(certificate, ours.certificate, '127.0.0.1')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('a TLS client refuses an expired certificate', async () => {
  const certificate = await ours.issue(['127.0.0.1'], { expired: true });
  expect(await handshake(certificate, ours.certificate, '127.0.0.1')).toBe('CERT_HAS_EXPIRED');
});
