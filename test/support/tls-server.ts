import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
  type Settings,
} from 'node:http2';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createAuthority } from '../../local/certificates.ts';

export type Handle = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

export interface ServerOptions {
  readonly protocol?: 'h2' | 'http/1.1';
  readonly settings?: Settings;
  /** Of all response headers of one answer, over HTTP/2. */
  readonly maxHeaderBytes?: number;
  /** That the answers of one HTTP/2 session may hold before it refuses streams. */
  readonly maxMemoryMb?: number;
  readonly hosts?: readonly string[];
  readonly expired?: boolean;
  readonly clientCertificate?: 'wanted' | 'required';
}

export const authority = createAuthority('test cluster');

/** A TLS server with the test's own answers; ends with the test. */
export async function startServer(handle: Handle, options: ServerOptions = {}) {
  const {
    protocol = 'h2',
    settings = {},
    maxHeaderBytes = 65_536,
    maxMemoryMb = 100,
    hosts = ['localhost'],
    expired = false,
    clientCertificate,
  } = options;
  const { certificate, issue } = await authority;
  const identity = await issue(hosts, { expired });
  const tls = {
    ...identity,
    requestCert: clientCertificate !== undefined,
    rejectUnauthorized: clientCertificate === 'required',
  };
  const server: Http2SecureServer | Server =
    protocol === 'h2'
      ? createSecureServer({
          ...tls,
          settings,
          maxSendHeaderBlockLength: maxHeaderBytes,
          maxSessionMemory: maxMemoryMb,
        })
      : createServer(tls);
  server.on('request', handle);
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('session', (session: ServerHttp2Session) => {
    session.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port }: { port: number } = addressOf(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    access: {
      endpoint: { url: new URL(`https://localhost:${port}`), ca: certificate },
      credentials: bearer(),
    },
    port,
    accepted: () => accepted,
    /** Refuses connections from here on. */
    stop: () => new Promise((resolve) => server.close(resolve)),
    /** Ends all connections as a crash does. */
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function addressOf(server: Http2SecureServer | Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address;
}

/** Tokens `token-0`, `token-1`, …: each renewal gives the next. */
export function bearer() {
  let serial = 0;
  return {
    kind: 'bearer',
    authorization: async () => `Bearer token-${serial}`,
    renew: async (rejected: string) => {
      if (rejected === `Bearer token-${serial}`) serial += 1;
      return `Bearer token-${serial}`;
    },
  } as const;
}

/** A Status object as kube-apiserver sends it. */
export const statusBody = (code: number, reason: string, message: string) =>
  JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  });
