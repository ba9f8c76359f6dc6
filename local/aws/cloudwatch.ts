import { gunzipSync } from 'node:zlib';
import {
  type AwsAccount,
  type AwsEndpoint,
  type AwsError,
  AwsRefusal,
  type AwsRequest,
  startAwsEndpoint,
} from './endpoint.ts';
import { type Datum, judgeMetricData } from './metric-data.ts';

/** CloudWatch as far as PutMetricData. */
export interface CloudWatchEndpoint extends AwsEndpoint {
  /** The last thousand accepted requests, oldest first. */
  readonly puts: readonly Put[];
}

export interface Put {
  readonly namespace: string;
  readonly datums: readonly Datum[];
  /** Bytes of the body as it came, compressed or not. */
  readonly bytes: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const MAX_BODY_BYTES = 1024 * 1024;
const REMEMBERED = 1000;
const TARGET = 'GraniteServiceVersion20100801.PutMetricData';

/** @param now epoch milliseconds, against which timestamps are judged */
export async function startCloudWatch(account: AwsAccount, now: () => number): Promise<CloudWatchEndpoint> {
  const puts: Put[] = [];
  const endpoint = await startAwsEndpoint(
    {
      signingName: 'monitoring',
      unknownKey: 'InvalidClientTokenId',
      render,
      serve(request) {
        const target = request.headers['x-amz-target'];
        if (request.method !== 'POST' || target !== TARGET) {
          throw new AwsRefusal('UnknownOperationException', `The operation ${target} is not known`);
        }
        const { namespace, datums } = judgeMetricData(parse(request), now());
        puts.push({ namespace, datums, bytes: request.body.length });
        if (puts.length > REMEMBERED) puts.shift();
        return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' };
      },
    },
    account,
  );
  return { ...endpoint, puts };
}

function parse({ headers, body }: AwsRequest): unknown {
  if (headers['content-type'] !== 'application/x-amz-json-1.0') {
    throw new AwsRefusal('UnknownOperationException', `content-type ${headers['content-type']} is not known`);
  }
  const text = headers['content-encoding'] === 'gzip' ? inflate(body) : body;
  if (text.length > MAX_BODY_BYTES) {
    throw new AwsRefusal('RequestEntityTooLarge', `Request size exceeds ${MAX_BODY_BYTES} bytes`, 413);
  }
  try {
    return JSON.parse(text.toString());
  } catch (error) {
    throw new AwsRefusal('SerializationException', error instanceof Error ? error.message : String(error));
  }
}

function inflate(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: 16 * MAX_BODY_BYTES });
  } catch {
    throw new AwsRefusal(
      'RequestEntityTooLarge',
      'The gzip body cannot be inflated, or not within the limit',
      413,
    );
  }
}

/** AWS JSON 1.0 with the code of the former Query protocol in a header, where the SDK looks for it. */
function render({ status, code, message }: AwsError) {
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-query-error': `${code};${status < 500 ? 'Sender' : 'Receiver'}`,
    },
    body: JSON.stringify({ __type: `com.amazonaws.cloudwatch.v2010_08_01#${code}`, message }),
  };
}
