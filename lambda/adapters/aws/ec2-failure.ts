import type { Deadline } from '../../deadline.ts';
import { type AwsErrorKind, classifyAwsError } from './error.ts';

const PATH_TO_EC2 = 'give the function a network path to EC2 (interface endpoint ec2 or NAT)';

/**
 * One sentence: what failed, and the missing permission or network path.
 * @param call such as DescribeSubnets
 * @param limitMs of the call as it began, whose end may be the cause
 */
export function ec2Failure(
  call: string,
  region: string,
  error: unknown,
  { signal }: Deadline,
  limitMs: number,
): string {
  if (signal.aborted || (error instanceof Error && error.name === 'TimeoutError'))
    return `no answer from EC2 in ${region} within ${limitMs} ms: ${PATH_TO_EC2}`;
  const { kind, what } = classifyAwsError(error);
  const remedies: Readonly<Partial<Record<AwsErrorKind, string>>> = {
    denied: `: allow ec2:${call}`,
    unreachable: `: ${PATH_TO_EC2}`,
  };
  return `${call} in ${region} failed (${what})${remedies[kind] ?? ''}`;
}
