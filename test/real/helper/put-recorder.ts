import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { cbor } from '@smithy/core/cbor';
import { listenOnLoopback } from '../../../local/connections.ts';

/** CloudWatch as AWS's helper uses it: it accepts every PutMetricData, in CBOR, and remembers the values. */
export interface PutRecorder extends AsyncDisposable {
  readonly url: string;
  /** By name, in the order in which they were sent. */
  readonly values: ReadonlyMap<string, readonly number[]>;
}

interface PutMetricData {
  readonly MetricData: readonly { readonly MetricName: string; readonly Value: number }[];
}

/** https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
const PROTOCOL = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };

export async function startPutRecorder(): Promise<PutRecorder> {
  const values = new Map<string, number[]>();
  const server = createServer(async (request, response) => {
    const put: PutMetricData = cbor.deserialize(await buffer(request));
    for (const { MetricName, Value } of put.MetricData) {
      const sent = values.get(MetricName) ?? [];
      sent.push(Value);
      values.set(MetricName, sent);
    }
    response.writeHead(200, PROTOCOL).end(cbor.serialize({}));
  });
  const { port, close } = await listenOnLoopback(server);
  return { url: `http://127.0.0.1:${port}`, values, [Symbol.asyncDispose]: close };
}
