/** A partition of AWS, and regions that tokens are signed for. */
export interface Partition {
  readonly id: string;
  /** Of the cluster. */
  readonly region: string;
  /** Another one; undefined: there is none. */
  readonly otherRegion?: string;
}

/** https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.7.8/pkg/endpoints/partitions.go */
export const PARTITIONS: readonly Partition[] = [
  { id: 'aws', region: 'eu-central-1', otherRegion: 'us-east-1' },
  { id: 'aws-cn', region: 'cn-north-1', otherRegion: 'cn-northwest-1' },
  { id: 'aws-us-gov', region: 'us-gov-west-1', otherRegion: 'us-gov-east-1' },
  { id: 'aws-iso', region: 'us-iso-east-1', otherRegion: 'us-iso-west-1' },
  { id: 'aws-iso-b', region: 'us-isob-east-1', otherRegion: 'us-isob-west-1' },
  { id: 'aws-iso-e', region: 'eu-isoe-west-1' },
  { id: 'aws-iso-f', region: 'us-isof-south-1', otherRegion: 'us-isof-east-1' },
  { id: 'aws-eusc', region: 'eusc-de-east-1' },
];
