import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface StateBucketOptions {
  /** What happens to the bucket when the stack is deleted; `destroy` empties it first. @default 'retain' */
  readonly removal?: 'retain' | 'destroy' | undefined;
}

interface StateBucketProps extends StateBucketOptions {
  readonly stateKey: string;
  /** @default - keys of S3 */
  readonly encryptionKey: IKey | undefined;
}

/** Days that unusable state is kept for whoever investigates it. */
const QUARANTINE_DAYS = 90;
/** The least that S3 accepts; a cycle writes two versions. */
const OLD_VERSION_DAYS = 1;

/**
 * Holds the counters between cycles: private, TLS only, encrypted. The versions of the last day are kept, so that a state
 * that somebody overwrote can be restored.
 */
export class StateBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { removal, stateKey, encryptionKey }: StateBucketProps) {
    super(scope, id);
    const destroy = removal === 'destroy';
    this.bucket = new Bucket(this, 'Resource', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: destroy ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      autoDeleteObjects: destroy,
      versioned: true,
      lifecycleRules: [
        {
          id: 'DeleteQuarantined',
          prefix: `${stateKey}.quarantine-`,
          expiration: Duration.days(QUARANTINE_DAYS),
        },
        {
          id: 'DeleteOldVersions',
          noncurrentVersionExpiration: Duration.days(OLD_VERSION_DAYS),
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'One object, written every minute by one role: an access log would be larger than what it says.',
    });
  }

  /**
   * Denies writing to everybody else, whatever their own permissions: a forged state could hide events or stop the collector.
   * Deleting stays possible, since the bucket must be emptied before it can be removed.
   */
  onlyWrittenBy(role: IRole): void {
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyTheCollectorWrites',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject', 's3:ReplicateObject'],
        resources: [this.bucket.arnForObjects('*')],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': role.roleArn } },
      }),
    );
  }
}
