import { expect, test } from 'vitest';
import { partitionOf } from '../../../lambda/domain/partitions.ts';

test.each([
  ['eu-central-1', 'aws', 'amazonaws.com', 'eu-central-1.console.aws.amazon.com'],
  ['ap-southeast-7', 'aws', 'amazonaws.com', 'ap-southeast-7.console.aws.amazon.com'],
  ['cn-northwest-1', 'aws-cn', 'amazonaws.com.cn', 'console.amazonaws.cn'],
  ['us-gov-east-1', 'aws-us-gov', 'amazonaws.com', 'console.amazonaws-us-gov.com'],
  ['eusc-de-east-1', 'aws-eusc', 'amazonaws.eu', 'console.amazonaws-eusc.eu'],
  ['us-iso-west-1', 'aws-iso', 'c2s.ic.gov', undefined],
  ['us-isob-east-1', 'aws-iso-b', 'sc2s.sgov.gov', undefined],
  ['eu-isoe-west-1', 'aws-iso-e', 'cloud.adc-e.uk', undefined],
  ['us-isof-south-1', 'aws-iso-f', 'csp.hci.ic.gov', undefined],
  ['eu-isof-east-1', 'aws-iso-f', 'csp.hci.ic.gov', undefined],
])('%s is in the partition %s', (region, name, dnsSuffix, console) => {
  const partition = partitionOf(region);
  expect(partition).toMatchObject({ name, dnsSuffix });
  expect(partition?.console?.(region)).toBe(console);
});

test.each(['Frankfurt', 'eu-central', 'eu-central-1a', ''])('%j is no region', (text) => {
  expect(partitionOf(text)).toBeUndefined();
});
