import { Annotations, Aws, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSubscription, type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { AlarmDefinition } from './definitions.ts';

type Severity = AlarmDefinition['severity'];
export type Topics = Readonly<Record<Severity, ITopic | undefined>>;

export interface TopicOptions {
  /** Topic for critical alarms, and for warnings unless they have their own. @default - nobody is notified */
  readonly topicArn?: string | undefined;
  /** Topic for warnings. @default - `topicArn` */
  readonly warningTopicArn?: string | undefined;
  /** The stack creates a topic for each severity and subscribes this address, which must confirm both. @default - no topics */
  readonly email?: string | undefined;
}

interface AlarmTopicsProps extends TopicOptions {
  /** Of topics that the stack creates. @default - not encrypted */
  readonly encryptionKey: IKey | undefined;
}

/**
 * Messages of an alarm that goes on, and of one that was on. A new alarm also says that it is OK, which nobody has asked.
 * https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
 */
const NEWS = { $or: [{ NewStateValue: ['ALARM'] }, { OldStateValue: ['ALARM'] }] };

/** Where alarms send their messages, by severity. Without any topic a warning appears at synthesis and at deployment. */
export class AlarmTopics extends Construct {
  readonly topics: Topics;

  constructor(scope: Construct, id: string, props: AlarmTopicsProps) {
    super(scope, id);
    const { topicArn, warningTopicArn = topicArn, email } = props;
    this.topics = email
      ? { critical: this.#topic('Critical', email, props), warning: this.#topic('Warning', email, props) }
      : {
          critical: topicArn ? Topic.fromTopicArn(this, 'CriticalTopic', topicArn) : undefined,
          warning: warningTopicArn ? Topic.fromTopicArn(this, 'WarningTopic', warningTopicArn) : undefined,
        };
    if (!this.topics.critical)
      Annotations.of(this).addWarningV2(
        'eks-cni-metrics:nobody-is-notified',
        'The alarms notify nobody: set alarms.topicArn or alarms.email, or set alarms to false.',
      );
  }

  #topic(id: string, email: string, { encryptionKey }: AlarmTopicsProps): Topic {
    const topic = new Topic(this, id, {
      enforceSSL: true,
      ...(encryptionKey && { masterKey: encryptionKey }),
    });
    // With a policy of its own a topic loses the default one, which lets the account's alarms publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    const subscription = topic.addSubscription(new EmailSubscription(email)).node.defaultChild;
    // CDK's own filters have no OR.
    if (subscription instanceof CfnSubscription) {
      subscription.filterPolicyScope = 'MessageBody';
      subscription.filterPolicy = NEWS;
    }
    if (!encryptionKey)
      Validations.of(topic).acknowledge({
        id: 'AwsSolutions-SNS2',
        reason:
          'CloudWatch cannot publish to a topic with a key of SNS; kmsKeyArn gives it a key of the customer.',
      });
    return topic;
  }
}
