import { connect as dial } from 'node:net';
import type { ClusterEndpoint } from '../../cluster-endpoint.ts';
import type { Deadline } from '../../deadline.ts';
import type { ResolvedAddress } from '../../diagnose/ports.ts';
import { failed, ok, type StepResult } from '../../diagnose/step-result.ts';
import { codeOf, messageOf } from '../../domain/error-message.ts';
import { hostOf } from '../api-server/dial.ts';

const REFUSALS = new Set(['ECONNREFUSED', 'ECONNRESET']);

/** Opens a TCP connection to the API server, and closes it. */
export function connect(
  { url }: ClusterEndpoint,
  { isPublic }: ResolvedAddress,
  cluster: string,
  deadline: Deadline,
): Promise<StepResult> {
  const port = Number(url.port || 443);
  const ms = Math.round(deadline.remainingMs);
  const dropped = (seen: string) =>
    failed(isPublic ? 'tcp-public' : 'tcp-dropped', seen, { cluster, port: String(port) });
  return new Promise((done) => {
    const socket = dial({ host: hostOf(url), port, autoSelectFamily: true });
    const end = (finding: StepResult) => {
      socket.destroy();
      done(finding);
    };
    deadline.signal.onabort = () => end(dropped(`no answer from ${url.hostname}:${port} within ${ms} ms`));
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
