import { isIP } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { ClusterEndpoint } from '../../cluster-endpoint.ts';
import { codeOf, messageOf } from '../../domain/error-message.ts';
import type { Credentials } from './credentials.ts';
import { TransportError } from './transport.ts';

/** Time for two SYNs (the second comes after 1 s) and a handshake; a reachable API server takes milliseconds. */
const CONNECT_MS = 3000;

/** Opens a TLS connection whose ALPN offers h2, then http/1.1. @throws TransportError `unreachable` or `tls` */
export type Dial = () => Promise<TLSSocket>;

export function dialer({ url, ca }: ClusterEndpoint, credentials: Credentials): Dial {
  const target = { host: hostOf(url), port: Number(url.port || 443), name: url.host };
  let secureContext: SecureContext | undefined;
  return async () => {
    secureContext ??= contextOf(ca, credentials.kind === 'client-certificate' ? credentials : {});
    return dial(target, secureContext);
  };
}

/** Without the brackets of an IPv6 address. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

function contextOf(ca: string, identity: { cert?: string; key?: string }): SecureContext {
  // Given an empty CA Node trusts all public authorities, given nonsense it trusts none: neither is what is meant.
  if (!ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new TransportError('tls', "the cluster's CA is not a certificate in PEM");
  try {
    return createSecureContext({ ca, ...identity });
  } catch (cause) {
    throw new TransportError(
      'tls',
      `the client certificate or its key is unusable: ${messageOf(cause)}`,
      cause,
    );
  }
}

function dial(
  { host, port, name }: { host: string; port: number; name: string },
  secureContext: SecureContext,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const socket = connect({
      host,
      port,
      secureContext,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      rejectUnauthorized: true,
      // RFC 6066 forbids addresses as SNI; the certificate is checked against `host` either way.
      ...(isIP(host) === 0 && { servername: host }),
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    const timer = setTimeout(() => {
      const step = connected ? 'TLS handshake with' : 'TCP connection to';
      fail(new TransportError('unreachable', `no ${step} ${name} within ${CONNECT_MS} ms (ETIMEDOUT)`));
    }, CONNECT_MS);
    const fail = (error: TransportError) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const failed = (error: Error) => fail(faultOf(error, name, connected));
    socket.once('connect', () => {
      connected = true;
    });
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

function faultOf(error: Error, name: string, connected: boolean): TransportError {
  const code = codeOf(error);
  // Node adds advice about its own command line, which does not apply to a function.
  const because = `${messageOf(error).replace(/; if the root CA.*/, '')}${code && !error.message.includes(code) ? ` (${code})` : ''}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new TransportError('unreachable', `DNS does not resolve ${name}: ${because}`, error);
  if (!connected || code === 'ECONNRESET' || code === 'EPIPE')
    return new TransportError('unreachable', `cannot connect to ${name}: ${because}`, error);
  return new TransportError('tls', `${name} is not trusted: ${because}`, error);
}
