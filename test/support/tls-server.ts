import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
  type Settings,
} from 'node:http2';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createAuthority } from '../../local/certificates.ts';
import { listenOnLoopback } from '../../local/connections.ts';

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
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('session', (session: ServerHttp2Session) => {
    session.on('error', () => {});
  });
  const { port, close } = await listenOnLoopback(server);
  onTestFinished(close);
  return {
    access: {
      endpoint: { url: new URL(`https://localhost:${port}`), ca: certificate },
      credentials: bearer(),
    },
    port,
    accepted: () => sockets.size,
    /** Refuses connections from here on. */
    stop: () => new Promise((resolve) => server.close(resolve)),
    /** Ends all connections as a crash does. */
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
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
