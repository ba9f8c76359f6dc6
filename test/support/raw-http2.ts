import { createServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { listenOnLoopback } from '../../local/connections.ts';
import { authority } from './tls-server.ts';

const PREFACE_BYTES = 24;
const HEAD_BYTES = 9;
const [DATA, HEADERS, RST_STREAM, SETTINGS] = [0, 1, 3, 4];
const END_HEADERS = 4;

/** A frame of HTTP/2. https://www.rfc-editor.org/rfc/rfc9113#section-4.1 */
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Whether a client's bytes hold the headers of a request. */
function hasRequest(bytes: Buffer): boolean {
  for (let at = PREFACE_BYTES; at + HEAD_BYTES <= bytes.length; at += HEAD_BYTES + bytes.readUIntBE(at, 3))
    if (bytes[at + 3] === HEADERS) return true;
  return false;
}

/**
 * Announces `length` bytes, sends `body` and ends the stream without an error and without its end, which no
 * server library does. @returns the endpoint
 */
export async function startTruncating(body: string, length: number): Promise<URL> {
  const { issue } = await authority;
  // In HPACK: :status 200 by the static table, content-length (index 28) as a literal.
  const announced = Buffer.from(String(length));
  const headers = Buffer.concat([Buffer.from([0x88, 0x0f, 0x0d, announced.length]), announced]);
  const answer = Buffer.concat([
    frame(HEADERS, END_HEADERS, 1, headers),
    frame(DATA, 0, 1, Buffer.from(body)),
    frame(RST_STREAM, 0, 1, Buffer.alloc(4)),
  ]);
  const server = createServer({ ...(await issue(['localhost'])), ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => {});
    socket.write(frame(SETTINGS, 0, 0));
    let read = Buffer.alloc(0);
    const listen = (chunk: Buffer) => {
      read = Buffer.concat([read, chunk]);
      if (!hasRequest(read)) return;
      socket.off('data', listen);
      socket.write(answer);
    };
    socket.on('data', listen);
  });
  const { port, close } = await listenOnLoopback(server);
  onTestFinished(close);
  return new URL(`https://localhost:${port}`);
}
