import { Readable } from 'node:stream';
import type { EC2Client } from '@aws-sdk/client-ec2';

/** Thrown by a call whose answer is larger than the limit. */
export class LargeAnswer extends Error {
  override readonly name = 'LargeAnswer';
}

/** Lets a client read no more than so many bytes of an answer: the SDK keeps all of it, and all that it parses of it. */
export function limitAnswers(client: EC2Client, maxBytes: number): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      // The SDK calls it unknown, since it depends on the protocol; that of EC2 is HTTP.
      const response = Object(result.response);
      response.body = Readable.from(limited(response.body, maxBytes));
      return result;
    },
    // Next to the network, before the SDK reads the body.
    { name: 'limitAnswers', step: 'deserialize', priority: 'low' },
  );
}

async function* limited(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const bytes of body) {
    received += bytes.length;
    if (received > maxBytes) throw new LargeAnswer();
    yield bytes;
  }
}
