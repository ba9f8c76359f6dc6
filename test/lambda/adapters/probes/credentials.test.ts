import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { probeCredentials } from '../../../../lambda/adapters/probes/credentials.ts';
import type { AwsEndpoint } from '../../../../local/aws/endpoint.ts';
import { startSts } from '../../../../local/aws/sts.ts';
import { ACCOUNT, stubKey } from '../../../support/aws-services.ts';
import { deadlineIn } from '../../../support/deadline.ts';

let sts: AwsEndpoint;
const start = async (arn = 'arn:aws:sts::111122223333:assumed-role/reader/session') => {
  sts = await startSts(ACCOUNT, arn);
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
};
beforeEach(() => {
  vi.stubEnv('AWS_REGION', ACCOUNT.region);
  stubKey();
});
afterEach(() => sts.close());

test.each([
  {
    arn: 'arn:aws:sts::111122223333:assumed-role/reader/session',
    role: 'arn:aws:iam::111122223333:role/reader',
  },
  {
    arn: 'arn:aws-us-gov:sts::111122223333:assumed-role/reader/session',
    role: 'arn:aws-us-gov:iam::111122223333:role/reader',
  },
  { arn: 'arn:aws:iam::111122223333:user/people/ann', role: 'arn:aws:iam::111122223333:user/people/ann' },
])('the principal of an access entry for $arn is $role', async ({ arn, role }) => {
  await start(arn);
  expect(await probeCredentials(deadlineIn(), 'cni')).toEqual({
    status: 'ok',
    seen: arn,
    value: { known: arn, role },
  });
});

test.each([
  {
    refusal: { status: 500, code: 'InternalFailure', message: 'try again' },
    why: 'InternalFailure: try again',
  },
  {
    refusal: { status: 403, code: 'AccessDenied', message: 'by endpoint policy' },
    why: 'AccessDenied: by endpoint policy',
  },
  { refusal: 'hang' as const, why: 'no answer' },
])('an STS that does not answer ($why) leaves only the name unknown', async ({ refusal, why }) => {
  await start();
  sts.faults.always = refusal;
  expect(await probeCredentials(deadlineIn(), 'cni-prod')).toMatchObject({
    status: 'ok',
    seen: expect.stringMatching(
      new RegExp(
        `^there are credentials; whose they are is not known, because STS did not answer \\(${why}\\); nothing else needs STS$`,
      ),
    ),
    value: {
      role: '$(aws lambda get-function-configuration --function-name cni-prod --query Role --output text)',
    },
  });
});

test('outside Lambda the role cannot be named then', async () => {
  await start();
  sts.faults.always = { status: 500, code: 'InternalFailure', message: 'try again' };
  expect((await probeCredentials(deadlineIn(), undefined)).value?.role).toBeUndefined();
});

test('an unknown key is rejected', async () => {
  await start();
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'ASIAEXAMPLE000000002');
  expect(await probeCredentials(deadlineIn(), undefined)).toMatchObject({
    status: 'failed',
    cause: expect.stringMatching(/^credentials-rejected: /),
  });
});

test('without a region nothing can be signed', async () => {
  await start();
  vi.stubEnv('AWS_REGION', '');
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  expect(await probeCredentials(deadlineIn(), undefined)).toMatchObject({
    status: 'failed',
    cause: 'region-missing: no AWS region is known',
    remedy: expect.stringContaining('AWS_REGION'),
  });
});
