/**
 * What a cycle costs that reads the network interfaces of the subnets: 16 subnets with 8,000 interfaces, read by the built
 * function under the limits of its default memory. Exits with 1 where a bound does not hold. Results: docs/performance.md.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { DEFAULT_MEMORY_MB } from '../../infra/function.ts';
import { nodeOptions } from '../../lambda/contract.ts';
import { startCloudWatch } from '../../local/aws/cloudwatch.ts';
import { startEc2 } from '../../local/aws/ec2.ts';
import type { Ec2Resource } from '../../local/aws/ec2-action.ts';
import { interfaceActions, interfaceResource } from '../../local/aws/network-interfaces.ts';
import { startS3 } from '../../local/aws/s3.ts';
import { subnetAction, subnetResource } from '../../local/aws/vpc.ts';
import { type CpuShare, lambdaShare } from './cpu-share.ts';
import { buildPrograms, programOf } from './processes.ts';
import { ACCOUNT, BUCKET, KEY } from './protocol.ts';

const SUBNETS = 16;
const INTERFACES_OF_EACH = 500;
/** As an m5.xlarge has them. */
const ADDRESSES_OF_EACH = 15;
/** What a refresh may cost at most. */
const BOUNDS = { cpuSeconds: 4, calls: 30 };

const CYCLES = [
  'first: reads interfaces',
  'next',
  '15 minutes later: reads interfaces',
  'the one after it',
] as const;

/** What the client says of each of its cycles. */
export interface CycleCost {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Addresses that the report counts, held and free. */
  readonly addresses: number;
  readonly peakRssMb: number;
}

const VPC = 'vpc-0a11ce00000000000';
const subnetId = (index: number) => `subnet-0a11ce${index.toString(16).padStart(11, '0')}`;
const subnets = Array.from({ length: SUBNETS }, (_, index) =>
  subnetResource({
    id: subnetId(index),
    vpcId: VPC,
    cidr: `10.${index}.0.0/19`,
    zone: 'eu-central-1a',
    available: 2 ** 13 - 5 - INTERFACES_OF_EACH * ADDRESSES_OF_EACH,
  }),
);

/** With all that EC2 returns of an interface, most of which nobody reads. */
function interfaceOf(subnet: number, index: number): Ec2Resource {
  const id = `eni-0${(subnet * INTERFACES_OF_EACH + index).toString(16).padStart(16, '0')}`;
  const instanceId = `i-0${(subnet * INTERFACES_OF_EACH + (index >> 2)).toString(16).padStart(16, '0')}`;
  const addresses = Array.from({ length: ADDRESSES_OF_EACH }, (_, position) => {
    const host = 4 + index * ADDRESSES_OF_EACH + position;
    return `10.${subnet}.${host >> 8}.${host & 255}`;
  });
  const named = (address: string) => `ip-${address.replaceAll('.', '-')}.eu-central-1.compute.internal`;
  const known = interfaceResource({
    id,
    subnetId: subnetId(subnet),
    vpcId: VPC,
    instanceId,
    description: `aws-K8S-${instanceId}`,
    tags: {
      'cluster.k8s.amazonaws.com/name': 'benchmark',
      'node.k8s.amazonaws.com/instance_id': instanceId,
      'node.k8s.amazonaws.com/createdAt': '2026-11-22T14:00:00Z',
    },
    cidrs: addresses,
  });
  return {
    ...known,
    xml: {
      ...Object(known.xml),
      availabilityZone: 'eu-central-1a',
      requesterId: 'AROAEXAMPLEEXAMPLEEX:i-0123456789abcdef0',
      requesterManaged: false,
      macAddress: '02:0a:11:ce:00:01',
      privateDnsName: named(addresses[0] ?? ''),
      sourceDestCheck: true,
      groupSet: [{ groupId: 'sg-0a11ce00000000000', groupName: 'eks-cluster-sg-benchmark-1234567890' }],
      attachment: {
        attachmentId: id.replace('eni-', 'eni-attach-'),
        instanceId,
        instanceOwnerId: '111122223333',
        deviceIndex: 1,
        networkCardIndex: 0,
        status: 'attached',
        attachTime: '2026-11-22T14:00:00.000Z',
        deleteOnTermination: true,
      },
      privateIpAddressesSet: addresses.map((privateIpAddress, position) => ({
        privateIpAddress,
        privateDnsName: named(privateIpAddress),
        primary: position === 0,
      })),
      ipv6AddressesSet: [],
      interfaceType: 'interface',
    },
  };
}

await buildPrograms();
const interfaces = subnets.flatMap((_, subnet) =>
  Array.from({ length: INTERFACES_OF_EACH }, (__, index) => interfaceOf(subnet, index)),
);
const ec2 = await startEc2(ACCOUNT, {
  DescribeSubnets: subnetAction(() => subnets),
  ...interfaceActions(() => interfaces),
});
const cloudwatch = await startCloudWatch(ACCOUNT, Date.now);
const s3 = await startS3(ACCOUNT, BUCKET);
const share = shareOrAll();
const client = fork(programOf('interfaces-client'), {
  execArgv: [],
  // Its log.
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  env: {
    ...process.env,
    NODE_OPTIONS: nodeOptions(DEFAULT_MEMORY_MB),
    CLUSTER_NAME: 'benchmark',
    PODS: 'none',
    SUBNET_METRICS: 'true',
    SUBNET_IDS: subnets.map((_, index) => subnetId(index)).join(','),
    STATE_BUCKET: BUCKET,
    AWS_REGION: ACCOUNT.region,
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    AWS_SESSION_TOKEN: KEY.sessionToken,
    AWS_ENDPOINT_URL_EC2: ec2.url,
    AWS_ENDPOINT_URL_CLOUDWATCH: cloudwatch.url,
    AWS_ENDPOINT_URL_S3: s3.url,
  },
});
process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${share.how}\n\n`,
);
process.stdout.write('| cycle | CPU | time | EC2 calls | peak RSS |\n|---|---:|---:|---:|---:|\n');
{
  using _limits = share.limit(client.pid ?? 0);
  for (const what of CYCLES) await report(what);
  client.disconnect();
  await once(client, 'exit');
}
await Promise.all([ec2, cloudwatch, s3].map((server) => server.close()));

/** Lets the client run its next cycle. @throws Error where the report is not that of these interfaces */
async function report(what: (typeof CYCLES)[number]): Promise<void> {
  const before = ec2.requests.length;
  client.send('next');
  const cost = await Promise.race([
    once(client, 'message').then(([message]): CycleCost => message),
    once(client, 'exit').then(([code]) => {
      throw new Error(`the client ended with code ${code}`);
    }),
  ]);
  const calls = ec2.requests.length - before;
  const cells = [
    what,
    `${(cost.cpuMs / 1000).toFixed(2)} s`,
    `${(cost.wallMs / 1000).toFixed(2)} s`,
    String(calls),
    `${Math.round(cost.peakRssMb)} MB`,
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
  // The cycle after the first reading is the first that reports it.
  if (what !== CYCLES[0] && cost.addresses !== SUBNETS * (2 ** 13 - 5))
    throw new Error(`the report counts ${cost.addresses} addresses`);
  if (cost.cpuMs > 1000 * BOUNDS.cpuSeconds || calls > BOUNDS.calls) process.exitCode = 1;
}

/** Where this machine has no means to hold a share, only the times are others. */
function shareOrAll(): CpuShare {
  try {
    return lambdaShare(DEFAULT_MEMORY_MB);
  } catch {
    return { how: 'a whole CPU', limit: () => ({ [Symbol.dispose]: () => undefined }) };
  }
}
