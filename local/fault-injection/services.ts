import type { InjectableFault } from './fault.ts';

const denied = (code: string, action: string) => ({
  status: 403,
  code,
  message: `User is not authorized to perform: ${action}`,
});

/** What CloudWatch, S3 and EC2 allow and hold. */
export const SERVICE_FAULTS = {
  'cloudwatch-right': {
    description: 'the role may not publish in this namespace',
    inject({ cloudwatch }) {
      cloudwatch.faults.always = denied('AccessDenied', 'cloudwatch:PutMetricData');
      return {};
    },
  },
  'state-right': {
    description: 'the role may not read the readings',
    inject({ s3 }) {
      s3.rights.delete('s3:GetObject');
      return {};
    },
  },
  'state-bucket': {
    description: 'STATE_BUCKET names no bucket',
    inject: () => ({ environment: { STATE_BUCKET: 'a-bucket-that-is-not-there' } }),
  },
  'state-object': {
    description: 'the object holds something else',
    inject({ s3 }) {
      s3.objects.set('cni-metrics/embedded.json.gz', Buffer.from('not what it should be'));
      return {};
    },
  },
  'ec2-right': {
    description: 'the role may not describe subnets',
    inject({ ec2 }) {
      ec2.faults.always = denied('UnauthorizedOperation', 'ec2:DescribeSubnets');
      return {};
    },
  },
} satisfies Record<string, InjectableFault>;
