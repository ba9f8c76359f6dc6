import type { Deadline } from '../../deadline.ts';
import { CLIENT_LIMITS } from './client-limits.ts';
import { type AwsErrorKind, classifyAwsError } from './error.ts';
import { LargeAnswer, limitAnswers } from './limit-answers.ts';

/**
 * 1,000 interfaces with all that belongs to them have some 10 MB, and 50 tags of 384 characters, which a node can set on each
 * of them, 100 MB, which a function of 512 MB cannot parse.
 */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

export type Ec2 = Awaited<ReturnType<typeof load>>;

/** Calls EC2, and names what is missing where it does not answer. */
type Ec2Calls = <T>(
  /** Such as DescribeSubnets. */
  name: string,
  deadline: Deadline,
  call: (ec2: Ec2) => Promise<T>,
) => Promise<{ readonly found: T } | { readonly warning: string }>;

export function ec2Calls(region: string): Ec2Calls {
  let loaded: Promise<Ec2> | undefined;
  return async (name, deadline, call) => {
    const limitMs = Math.round(deadline.remainingMs);
    try {
      loaded ??= load(region);
      return { found: await call(await loaded) };
    } catch (error) {
      return { warning: failureOf(name, region, error, deadline, limitMs) };
    }
  };
}

/** Loaded on first use: the EC2 client is half of the bundle, and many functions never call EC2. */
async function load(region: string) {
  const {
    EC2Client,
    DescribeNetworkInterfacesCommand,
    GetSubnetCidrReservationsCommand,
    paginateDescribeInstances,
    paginateDescribeSubnets,
  } = await import('@aws-sdk/client-ec2');
  const client = new EC2Client({ region, ...CLIENT_LIMITS });
  limitAnswers(client, MAX_ANSWER_BYTES);
  return {
    client,
    DescribeNetworkInterfacesCommand,
    GetSubnetCidrReservationsCommand,
    paginateDescribeInstances,
    paginateDescribeSubnets,
  };
}

const PATH_TO_EC2 = 'give the function a network path to EC2 (interface endpoint ec2 or NAT)';

/**
 * One sentence: what failed, and the missing permission or network path.
 * @param limitMs of the call as it began, whose end may be the cause
 */
function failureOf(
  call: string,
  region: string,
  error: unknown,
  { signal }: Deadline,
  limitMs: number,
): string {
  if (error instanceof LargeAnswer)
    return `${call} in ${region} failed: a page of the answer is larger than ${MAX_ANSWER_BYTES} bytes`;
  if (signal.aborted || (error instanceof Error && error.name === 'TimeoutError'))
    return `no answer from EC2 in ${region} within ${limitMs} ms: ${PATH_TO_EC2}`;
  const { kind, what } = classifyAwsError(error);
  const remedies: Readonly<Partial<Record<AwsErrorKind, string>>> = {
    denied: `: allow ec2:${call}`,
    unreachable: `: ${PATH_TO_EC2}`,
  };
  return `${call} in ${region} failed (${what})${remedies[kind] ?? ''}`;
}
