/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html */
export interface InstanceType {
  readonly name: string;
  readonly enis: number;
  /** IPv4 addresses an interface can have, its own included. */
  readonly addressesPerEni: number;
  /** What kubelet allows with secondary addresses. */
  readonly maxPods: number;
}

export const INSTANCE_TYPES: readonly [InstanceType, ...InstanceType[]] = [
  { name: 'm5.large', enis: 3, addressesPerEni: 10, maxPods: 29 },
  { name: 'm5.xlarge', enis: 4, addressesPerEni: 15, maxPods: 58 },
  { name: 'm5.2xlarge', enis: 4, addressesPerEni: 15, maxPods: 58 },
  { name: 'm5.4xlarge', enis: 8, addressesPerEni: 30, maxPods: 110 },
  { name: 't3.medium', enis: 3, addressesPerEni: 6, maxPods: 17 },
];
