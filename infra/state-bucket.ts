import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';

import { Construct } from 'constructs';

export interface StateBucketProps {
  /** What becomes of the bucket when the stack is deleted; `destroy` empties it first. @default 'retain' */
  readonly removal?: 'retain' | 'destroy' | undefined;
}

/** Days that readings which could not be used are kept for whoever wants to know why. */
const SET_ASIDE_DAYS = 90;

/**
 * Where counters rest between cycles: private, TLS only, encrypted with S3's own keys. Not versioned: an
 * object a minute would leave 43,200 old versions a month, and old readings are of no use.
 */
export class StateBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: StateBucketProps & { readonly stateKey: string }) {
    super(scope, id);
    const destroy = props.removal === 'destroy';
    this.bucket = new Bucket(this, 'Resource', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: destroy ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      autoDeleteObjects: destroy,
      lifecycleRules: [
        {
          id: 'ForgetSetAside',
          prefix: `${props.stateKey}.quarantine-`,
          expiration: Duration.days(SET_ASIDE_DAYS),
        },
        { id: 'AbortUploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'One object, written every minute by one role: an access log would be larger than what it tells.',
    });
  }
}
