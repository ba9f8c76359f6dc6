import type { InjectableFault } from './fault.ts';

const denied = (code: string, action: string) => ({
  status: 403,
  code,
  message: `User is not authorized to perform: ${action}`,
});

/** Rights and contents of CloudWatch, S3 and EC2. */
export const SERVICE_FAULTS = {
  'cloudwatch-right': {
    description: 'the role is not allowed to publish in this namespace',
    inject({ cloudwatch }) {
      cloudwatch.faults.always = denied('AccessDenied', 'cloudwatch:PutMetricData');
      return {};
    },
  },
  'state-right': {
    description: 'the role is not allowed to read the state',
    inject({ s3 }) {
      s3.rights.delete('s3:GetObject');
      return {};
    },
  },
  'state-bucket': {
    description: 'STATE_BUCKET is not the name of a bucket',
    inject: () => ({ environment: { STATE_BUCKET: 'a-bucket-that-does-not-exist' } }),
  },
  'state-object': {
    description: 'the object at STATE_KEY is not state',
    inject({ s3 }) {
      s3.objects.set('cni-metrics/embedded.json.gz', Buffer.from('not what it should be'));
      return {};
    },
  },
  'ec2-right': {
    description: 'the role is not allowed to describe subnets',
    inject({ ec2 }) {
      ec2.faults.always = denied('UnauthorizedOperation', 'ec2:DescribeSubnets');
      return {};
    },
  },
  'interfaces-right': {
    description: 'the role is not allowed to describe network interfaces',
    inject({ ec2 }) {
      ec2.denied.add('DescribeNetworkInterfaces');
      return {};
    },
  },
} satisfies Record<string, InjectableFault>;
