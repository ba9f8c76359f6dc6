import type { ClusterEndpoint } from '../../cluster-endpoint.ts';
import { failed, ok, type StepResult } from '../../diagnose/step-result.ts';
import { codeOf } from '../../domain/error-message.ts';
import type { Credentials } from '../api-server/credentials.ts';
import { dialer } from '../api-server/dial.ts';
import { TransportError } from '../api-server/transport.ts';

/** Does the TLS handshake with the API server as a cycle does, and closes the connection. */
export async function handshake(
  endpoint: ClusterEndpoint,
  credentials: Credentials,
  cluster: string,
): Promise<StepResult> {
  try {
    const socket = await dialer(endpoint, credentials)();
    const { subject, valid_to } = socket.getPeerCertificate();
    const seen = `${socket.getProtocol()}, ${socket.alpnProtocol || 'no ALPN'}; certificate of ${subject.CN}, valid until ${valid_to}`;
    socket.destroy();
    return ok(seen);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    if (error.fault !== 'tls') return failed('tls-silent', error.message, { cluster });
    const isOther = codeOf(error.cause) === 'ERR_TLS_CERT_ALTNAME_INVALID';
    return failed(isOther ? 'tls-name' : 'api-tls', error.message, { cluster });
  }
}
