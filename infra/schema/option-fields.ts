import { X509Certificate } from 'node:crypto';
import { Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';
import { CLUSTER_NAME } from '../../lambda/contract.ts';
import { ACCESS_WAYS } from '../access.ts';
import { ALARM_IDS, type AlarmId } from '../alarms/definitions.ts';
import { ENDPOINTS } from '../vpc-endpoints.ts';
import { list, object, prefixListId, securityGroupId, text, wholeNumber } from './fields.ts';
import { settingsSchema } from './settings.ts';

const clusterSchema = object({
  name: text(CLUSTER_NAME),
  endpoint: text({
    pattern: /^https:\/\/[\w.-]+(:\d+)?\/?$/,
    accepts: 'the https:// URL of the API server, without a path',
  }).optional(),
  certificateAuthority: z
    .string()
    .refine((value) => Token.isUnresolved(value) || isCertificate(value), {
      error: 'the base64 of a PEM certificate, as in certificateAuthority.data of the cluster',
    })
    .optional(),
  securityGroupId,
});

function isCertificate(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).subject !== '';
  } catch {
    return false;
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const functionSchema = object({
  memoryMb: wholeNumber({ least: 128, most: 10_240 }).optional(),
  timeoutSeconds: wholeNumber({ least: 10, most: 900 }).optional(),
  architecture: z.enum(['arm64', 'x86_64']).optional(),
  reservedConcurrency: z.boolean().optional(),
  logRetentionDays: z.enum(RetentionDays).optional(),
  logRemoval: z.enum(['retain', 'destroy']).optional(),
});

const alarmChange = object({
  threshold: z.number().exactOptional(),
  evaluationPeriods: z.int().min(1).exactOptional(),
  datapointsToAlarm: z.int().min(1).exactOptional(),
});

const alarmOverride = z.union([z.boolean(), alarmChange]).optional();

/** CloudWatch does not send to FIFO topics, whose names end in `.fifo`. */
const topicArn = text({
  pattern: /^arn:[^:]+:sns:[^:]+:\d{12}:[\w-]+$/,
  accepts: 'the ARN of a standard SNS topic (not FIFO)',
});

const alarmsSchema = object({
  topicArn: topicArn.optional(),
  warningTopicArn: topicArn.optional(),
  email: text({ pattern: /^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$/, accepts: 'an e-mail address' }).optional(),
  overrides: object(
    Object.fromEntries(ALARM_IDS.map((id) => [id, alarmOverride])) as Record<AlarmId, typeof alarmOverride>,
  ).optional(),
});

/** What may be chosen for any cluster, in the file and in a CDK app. */
export const OPTIONS = {
  cluster: clusterSchema,
  access: z.enum(ACCESS_WAYS).optional(),
  nodeSecurityGroupIds: list(securityGroupId).optional(),
  endpoints: list(z.enum(ENDPOINTS)).optional(),
  function: functionSchema.optional(),
  state: object({ removal: z.enum(['retain', 'destroy']).optional() }).optional(),
  s3PrefixListId: prefixListId.optional(),
  kmsKeyArn: text({
    pattern: /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/,
    accepts: 'the ARN of a KMS key (not of an alias)',
  }).optional(),
  settings: settingsSchema.optional(),
  dashboard: z.boolean().optional(),
  alarms: z.union([z.literal(false), alarmsSchema]).optional(),
  // It is part of alarm descriptions, which hold 1,024 characters.
  runbookUrl: text({
    pattern: /^https?:\/\/\S{1,192}$/,
    accepts: 'an http:// or https:// URL of at most 200 characters',
  }).optional(),
};
