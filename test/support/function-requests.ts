import { defaultStateKey, holdingsKey } from '../../lambda/contract.ts';
import { EXAMPLE } from './stack-template.ts';

const { account, region, cluster } = EXAMPLE;
const key = defaultStateKey(cluster.name);

/** Of the bucket with the state. */
export const BUCKET = 'state-bucket';
export const objectArn = (name: string) => `arn:aws:s3:::${BUCKET}/${name}`;
export const clusterArn = (name: string) => `arn:aws:eks:${region}:${account}:cluster/${name}`;

/** Actions and resources of all requests to AWS of a function with the defaults. */
const DEFAULTS = [
  'cloudwatch:PutMetricData *',
  `s3:GetObject ${objectArn(key)}`,
  `s3:PutObject ${objectArn(key)}`,
  'sts:GetCallerIdentity *',
];

/** The same with every setting that needs a right, and the entries that ask for them. */
export const FUNCTION_REQUESTS = {
  defaults: { changes: {}, requests: DEFAULTS },
  everything: {
    changes: {
      cluster: { name: cluster.name, securityGroupId: cluster.securityGroupId },
      settings: { SUBNET_METRICS: true, CLUSTER_ID_FROM: 'ec2-tags' },
      dashboard: false,
      alarms: false,
    },
    requests: [
      ...DEFAULTS,
      'ec2:DescribeInstances *',
      'ec2:DescribeNetworkInterfaces *',
      'ec2:DescribeSubnets *',
      'ec2:GetSubnetCidrReservations *',
      `eks:DescribeCluster ${clusterArn(cluster.name)}`,
      `s3:GetObject ${objectArn(holdingsKey(key))}`,
      `s3:PutObject ${objectArn(holdingsKey(key))}`,
      `s3:PutObject ${objectArn(`${key}.quarantine-<time>`)}`,
    ],
  },
} as const;
