/** A group of regions with its own accounts, ARNs, DNS names and console. */
export interface Partition {
  readonly name: string;
  readonly regions: RegExp;
  /** DNS suffix of the service endpoints. */
  readonly dnsSuffix: string;
  /** Host of the console in a region; absent where it is not public. */
  readonly console?: (region: string) => string;
}

/**
 * All partitions, the most specific regions first.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
export const PARTITIONS: readonly Partition[] = [
  {
    name: 'aws-cn',
    regions: /^cn-[a-z]+-\d+$/,
    dnsSuffix: 'amazonaws.com.cn',
    console: () => 'console.amazonaws.cn',
  },
  {
    name: 'aws-us-gov',
    regions: /^us-gov-[a-z]+-\d+$/,
    dnsSuffix: 'amazonaws.com',
    console: () => 'console.amazonaws-us-gov.com',
  },
  {
    name: 'aws-eusc',
    regions: /^eusc-[a-z]+-[a-z]+-\d+$/,
    dnsSuffix: 'amazonaws.eu',
    console: () => 'console.amazonaws-eusc.eu',
  },
  { name: 'aws-iso', regions: /^us-iso-[a-z]+-\d+$/, dnsSuffix: 'c2s.ic.gov' },
  { name: 'aws-iso-b', regions: /^us-isob-[a-z]+-\d+$/, dnsSuffix: 'sc2s.sgov.gov' },
  { name: 'aws-iso-e', regions: /^eu-isoe-[a-z]+-\d+$/, dnsSuffix: 'cloud.adc-e.uk' },
  { name: 'aws-iso-f', regions: /^(us|eu)-isof-[a-z]+-\d+$/, dnsSuffix: 'csp.hci.ic.gov' },
  {
    name: 'aws',
    regions: /^[a-z]{2}-[a-z]+-\d+$/,
    dnsSuffix: 'amazonaws.com',
    console: (region) => `${region}.console.aws.amazon.com`,
  },
];

/** The partition of a region; undefined if `region` is not the name of a region. */
export function partitionOf(region: string): Partition | undefined {
  return PARTITIONS.find(({ regions }) => regions.test(region));
}
