import { gunzipSync } from 'node:zlib';
import { messageOf } from '../../lambda/domain/error-message.ts';
import { AlarmStates } from '../cloudwatch/alarm-states.ts';
import { MetricHistory } from '../cloudwatch/metric-history.ts';
import { describeAlarmHistory, describeAlarms } from './alarm-queries.ts';
import {
  type AwsAccount,
  type AwsEndpoint,
  type AwsError,
  AwsRefusal,
  type AwsRequest,
  startAwsEndpoint,
} from './endpoint.ts';
import { aggregateOfDatum, type Datum, parseMetricData } from './metric-data.ts';
import { listMetrics, metricData } from './metric-queries.ts';

/** CloudWatch as far as metrics are put and read, and alarms are described. */
export interface CloudWatchEndpoint extends AwsEndpoint {
  /** The last thousand accepted requests, oldest first. */
  readonly puts: readonly Put[];
  /** All that was accepted, in minutes since the epoch. */
  readonly history: MetricHistory;
  /** The alarms that are described from now on; none at first. */
  describe(alarms: AlarmStates): void;
}

interface Put {
  readonly namespace: string;
  readonly datums: readonly Datum[];
  /** Bytes of the body as it came, compressed or not. */
  readonly bytes: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const MAX_BODY_BYTES = 1024 * 1024;
const REMEMBERED = 1000;
const TARGET =
  /^GraniteServiceVersion20100801\.(PutMetricData|GetMetricData|ListMetrics|DescribeAlarms|DescribeAlarmHistory)$/;

/** @param now epoch milliseconds, against which timestamps are judged */
export async function startCloudWatch(account: AwsAccount, now: () => number): Promise<CloudWatchEndpoint> {
  const puts: Put[] = [];
  const history = new MetricHistory();
  let alarms = new AlarmStates({ metricAlarms: [], compositeAlarms: [] }, history);
  const endpoint = await startAwsEndpoint(
    {
      signingName: 'monitoring',
      unknownKey: 'InvalidClientTokenId',
      render,
      serve(request) {
        const target = request.headers['x-amz-target'];
        const operation = TARGET.exec(String(target))?.[1];
        if (request.method !== 'POST' || operation === undefined) {
          throw new AwsRefusal('UnknownOperationException', `The operation ${target} is not known`);
        }
        const input = parse(request);
        if (operation === 'GetMetricData') return json(metricData(history, input));
        if (operation === 'ListMetrics') return json(listMetrics(history, input));
        if (operation === 'DescribeAlarms') return json(describeAlarms(alarms, input));
        if (operation === 'DescribeAlarmHistory') return json(describeAlarmHistory(alarms, input));
        const { namespace, datums } = parseMetricData(input, now());
        for (const datum of datums) {
          const { name, dimensions, time } = datum;
          history.put({ namespace, name, dimensions }, Math.floor(time / 60_000), aggregateOfDatum(datum));
        }
        puts.push({ namespace, datums, bytes: request.body.length });
        if (puts.length > REMEMBERED) puts.shift();
        return json({});
      },
    },
    account,
  );
  return {
    ...endpoint,
    puts,
    history,
    describe(states) {
      alarms = states;
    },
  };
}

const json = (body: object) => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});

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
    throw new AwsRefusal('SerializationException', messageOf(error));
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
