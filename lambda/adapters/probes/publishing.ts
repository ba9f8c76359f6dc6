import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Deadline } from '../../deadline.ts';
import { ok, type StepResult } from '../../diagnose/step-result.ts';
import { callOptions } from '../aws/client-limits.ts';
import { awsFailure } from './aws-failure.ts';

/** CloudWatch takes values from -2^360 to 2^360, and refuses the whole request of any other.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const IMPOSSIBLE = 2 ** 361;

/**
 * Tries to publish a value that CloudWatch cannot take. Refused for its value means: the way is open, the
 * signature good, and the right to this namespace was not refused first. That rights are judged before values is
 * what every AWS service is seen to do, but CloudWatch's documentation does not promise it.
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
  return ok(`CloudWatch hears us and did not deny namespace ${namespace}; nothing was published`);
}
