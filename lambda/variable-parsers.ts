import { X509Certificate } from 'node:crypto';
import {
  DIMENSION_VALUE,
  type Format,
  messageOf,
  NODE_CIDR,
  S3_MANAGED_KEYS,
  SUBNET_ID,
} from './contract.ts';

/** The message says what the variable accepts. */
export class InvalidValue extends Error {}

/** The value of a variable from its text. @throws InvalidValue */
export type Parse<T> = (value: string) => T;

export const matching =
  ({ pattern, accepts }: Format): Parse<string> =>
  (value) => {
    if (!pattern.test(value)) throw new InvalidValue(accepts);
    return value;
  };

export const oneOf =
  <const T extends string>(values: readonly T[]): Parse<T> =>
  (value) => {
    const found = values.find((candidate) => candidate === value.toLowerCase());
    if (found === undefined) throw new InvalidValue(values.join(', '));
    return found;
  };

export const yesOrNo: Parse<boolean> = (value) => {
  const spelling = oneOf(['yes', 'true', 'no', 'false'])(value);
  return spelling === 'yes' || spelling === 'true';
};

export const wholeNumber =
  ({ least, most }: { least: number; most: number }): Parse<number> =>
  (value) => {
    const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most))
      throw new InvalidValue(`a whole number from ${least} to ${most}`);
    return number;
  };

export const httpsUrl: Parse<URL> = (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search || url.hash || url.username)
    throw new InvalidValue('the https:// URL of the API server, without a path');
  return url;
};

export const certificates: Parse<string> = (value) => {
  const accepts = 'certificateAuthority.data of the cluster: PEM certificates in base64';
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value.replaceAll(/\s+/g, ''))) throw new InvalidValue(accepts);
  const pem = Buffer.from(value, 'base64').toString('latin1');
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new InvalidValue(`${accepts} (${messageOf(cause)})`);
  }
  return pem;
};

const listOf =
  ({ pattern }: Format, accepts: string): Parse<readonly string[]> =>
  (value) => {
    const items = value.split(',').map((item) => item.trim());
    if (!items.every((item) => pattern.test(item))) throw new InvalidValue(accepts);
    return items;
  };

export const subnetIds = listOf(
  SUBNET_ID,
  'subnet ids with commas between them (subnet-0a1b2c3d,subnet-4e5f6a7b)',
);

export const nodeCidrs = listOf(
  NODE_CIDR,
  'IPv4 CIDR blocks with commas between them (10.0.0.0/16,100.64.0.0/16)',
);

export const dimensionValue = matching({
  pattern: DIMENSION_VALUE,
  accepts: '1 to 1,024 printable ASCII characters that do not start with a colon',
});
/** S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketName = matching({
  pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  accepts: 'the name of an S3 bucket',
});
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html */
export const encryption = matching({
  pattern: /^(AES256|arn:[\w-]+:kms:[\w-]+:\d{12}:(key|alias)\/[\w/-]+)$/,
  accepts: `${S3_MANAGED_KEYS}, or the ARN of a KMS key`,
});
export const objectKey = matching({
  pattern: /^[^/].{0,899}$/,
  accepts: 'an S3 key of 900 characters at most that does not start with /',
});
