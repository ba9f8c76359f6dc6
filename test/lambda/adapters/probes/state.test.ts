import { gzipSync } from 'node:zlib';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { s3Object } from '../../../../lambda/adapters/aws/s3-object.ts';
import { probeState } from '../../../../lambda/adapters/probes/state.ts';
import { join, NOTHING } from '../../../../lambda/adapters/state/packed-state.ts';
import { type S3Right, startS3 } from '../../../../local/aws/s3.ts';
import { ACCOUNT, stubKey } from '../../../support/aws-services.ts';
import { deadlineIn } from '../../../support/deadline.ts';

const PLACE = { region: 'eu-central-1', bucket: 'states', key: 'prod.json.gz' };

beforeEach(stubKey);

async function tried(stored: Uint8Array | undefined, missing?: S3Right) {
  const s3 = await startS3(ACCOUNT, PLACE.bucket);
  if (missing) s3.rights.delete(missing);
  onTestFinished(s3.close);
  if (stored) s3.objects.set(PLACE.key, stored);
  const before = new Map(s3.objects);
  const object = s3Object({ ...PLACE, endpoint: s3.url });
  const result = await probeState(object, PLACE, 'prod', Date.UTC(2026, 0, 2), deadlineIn());
  expect(s3.objects, 'nothing is written').toEqual(before);
  return result;
}

const stateOf = (cluster: string) => join({ cluster, writer: 'one' }, NOTHING);

test.each([
  { stored: undefined, seen: 's3://states/prod.json.gz does not exist yet, and may be written' },
  {
    stored: stateOf('prod'),
    seen: 's3://states/prod.json.gz holds state of this cluster (none committed yet), and may be written',
  },
])('good: $seen', async ({ stored, seen }) => {
  expect(await tried(stored)).toMatchObject({ status: 'ok', seen });
});

test.each([
  { stored: stateOf('staging'), seen: 's3://states/prod.json.gz is of the cluster "staging", not prod' },
  { stored: gzipSync('{}'), seen: expect.stringContaining('s3://states/prod.json.gz is ') },
])('not ours: $seen', async ({ stored, seen }) => {
  expect(await tried(stored)).toMatchObject({
    status: 'failed',
    seen,
    cause: expect.stringMatching(/^state-foreign: /),
  });
});

test.each(['s3:GetObject', 's3:PutObject'] as const)(
  'the permission that is missing is named: %s',
  async (right) => {
    expect(await tried(stateOf('prod'), right)).toMatchObject({
      status: 'failed',
      cause: expect.stringMatching(/^state-denied: /),
      remedy: expect.stringContaining(`Allow ${right} on object prod.json.gz of bucket states, `),
    });
  },
);

test('without the permission to list, a missing object looks like a missing permission', async () => {
  expect(await tried(undefined, 's3:ListBucket')).toMatchObject({
    status: 'failed',
    cause: expect.stringMatching(/^state-denied: /),
    remedy: expect.stringContaining('and s3:ListBucket on the bucket'),
  });
});
