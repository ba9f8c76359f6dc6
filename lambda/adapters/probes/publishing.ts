import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Deadline } from '../../deadline.ts';
import { ok, type StepResult } from '../../diagnose/step-result.ts';
import { callOptions } from '../aws/client-limits.ts';
import { awsFailure } from './aws-failure.ts';

/** CloudWatch accepts values from -2^360 to 2^360, and rejects the whole request for any other.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const IMPOSSIBLE = 2 ** 361;

/**
 * Tries to publish a value that CloudWatch cannot accept. If it is rejected for its value, the network path is open, the
 * signature is valid, and access to this namespace was not denied. That permissions are checked before values is
 * observed behavior of AWS services; CloudWatch's documentation does not promise it.
 */
export async function probePublishing(
  client: CloudWatchClient,
  namespace: string,
  deadline: Deadline,
): Promise<StepResult> {
  try {
    const MetricData = [{ MetricName: 'diagnosis', Value: IMPOSSIBLE }];
    await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }), callOptions(deadline));
  } catch (error) {
    if (!(error instanceof Error && error.name.startsWith('InvalidParameterValue')))
      return awsFailure(
        error,
        { denied: 'cloudwatch-denied', unreachable: 'cloudwatch-unreachable' },
        { namespace },
      );
  }
  return ok(`CloudWatch answers and did not deny access to namespace ${namespace}; nothing was published`);
}
