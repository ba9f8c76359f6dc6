import { connect as dial } from 'node:net';
import type { ApiServer, Resolved, Slice } from '../../collect/ports.ts';
import { type Finding, failed, ok } from '../../diagnose/step-result.ts';
import { codeOf, messageOf } from '../api-server/system-error.ts';
import { hostOf } from './dns.ts';

const REFUSALS = new Set(['ECONNREFUSED', 'ECONNRESET']);

/** Opens a TCP connection to the API server, and closes it. */
export function connect(
  { endpoint }: ApiServer,
  { isPublic }: Resolved,
  cluster: string,
  { ms, signal }: Slice,
): Promise<Finding> {
  const port = Number(endpoint.port || 443);
  const dropped = (seen: string) =>
    failed(isPublic ? 'tcp-public' : 'tcp-dropped', seen, { cluster, port: String(port) });
  return new Promise((done) => {
    const socket = dial({ host: hostOf(endpoint), port, autoSelectFamily: true });
    const end = (finding: Finding) => {
      socket.destroy();
      done(finding);
    };
    signal.onabort = () => end(dropped(`no answer from ${endpoint.hostname}:${port} within ${ms} ms`));
    socket.once('connect', () => end(ok(`connected to ${socket.remoteAddress}, port ${port}`)));
    socket.once('error', (error) =>
      end(
        REFUSALS.has(codeOf(error))
          ? failed('tcp-refused', messageOf(error), { cluster })
          : dropped(messageOf(error)),
      ),
    );
  });
}
