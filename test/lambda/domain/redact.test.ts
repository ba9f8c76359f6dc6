import { expect, test } from 'vitest';
import { redact } from '../../../lambda/domain/redact.ts';

test.each([
  ['token k8s-aws-v1.aHR0cHM6Ly9zdHM_-x is bad', 'token [token] is bad'],
  ['Authorization: Bearer abc.def was sent', 'Authorization: Bearer [token] was sent'],
  [
    "should have been 'x-amz-security-token:IQoJb3/+=\n\nhost'",
    "should have been 'x-amz-security-token:[token]\n\nhost'",
  ],
  ['?X-Amz-Security-Token=IQoJb3&X-Amz-Date=1', '?X-Amz-Security-Token=[token]&X-Amz-Date=1'],
  ['dial tcp 10.0.0.1:61678: i/o timeout', 'dial tcp 10.0.0.1:61678: i/o timeout'],
])('%s', (text, struck) => {
  expect(redact(text)).toBe(struck);
});
