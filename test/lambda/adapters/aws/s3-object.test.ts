import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { s3Object } from '../../../../lambda/adapters/aws/s3-object.ts';
import { leasedState } from '../../../../lambda/adapters/state/leased-state.ts';
import type { StateStore } from '../../../../lambda/collect/ports.ts';
import type { Clock } from '../../../../lambda/deadline.ts';
import type { AwsFault } from '../../../../local/aws/endpoint.ts';
import { type S3Endpoint, startS3 } from '../../../../local/aws/s3.ts';
import { ACCOUNT, stubKey } from '../../../support/aws-services.ts';
import { deadlineIn } from '../../../support/deadline.ts';
import { CLUSTER, stateStoreContract } from '../../../support/state-store-contract.ts';
import { acquire, acquiredFrom, advance, MINUTE, T0, tick } from '../../../support/state-store-steps.ts';
import { someState } from '../../../support/states.ts';

const BUCKET = 'states';
const KEY = 'cni-metrics/prod.json.gz';
const CLOCK = { now: () => T0, wait: async () => {} };

beforeEach(stubKey);

const open = (
  { url: endpoint }: S3Endpoint,
  owner: string,
  clock: Pick<Clock, 'now' | 'wait'> = CLOCK,
): StateStore =>
  leasedState({
    object: s3Object({ region: ACCOUNT.region, bucket: BUCKET, key: KEY, endpoint }),
    cluster: CLUSTER,
    owner,
    clock,
  });

stateStoreContract('S3', async () => {
  const s3 = await startS3(ACCOUNT, BUCKET);
  return {
    open: (owner, clock) => open(s3, owner, clock),
    bytes: async (name = KEY) => s3.objects.get(name),
    async overwrite(bytes) {
      if (bytes) s3.objects.set(KEY, bytes);
      else s3.objects.delete(KEY);
    },
    close: () => s3.close(),
  };
});

describe('S3', () => {
  let s3: S3Endpoint;
  /** What goes wrong with the coming requests, by their method. */
  let disturbances: Record<string, (AwsFault | undefined)[]>;
  beforeEach(async () => {
    disturbances = {};
    s3 = await startS3(ACCOUNT, BUCKET);
    s3.faults.always = ({ method }) => disturbances[method]?.shift();
  });
  afterEach(() => s3.close());

  test('is read once, and written three times a cycle', async () => {
    const store = open(s3, 'one');
    for (const number of [1, 2, 3]) await advance(store, number);
    expect(s3.requests.map(({ method }) => method)).toEqual(['GET', ...Array(9).fill('PUT')]);
  });

  test.each([
    [undefined, [undefined, undefined]],
    ['AES256', ['AES256', undefined]],
    [
      'arn:aws:kms:eu-central-1:111122223333:key/1234abcd',
      ['aws:kms', 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd'],
    ],
  ])('is asked for the encryption %s at each write and copy', async (encryption, headers) => {
    s3.objects.set(KEY, Buffer.from('no state'));
    const { url: endpoint } = s3;
    const store = leasedState({
      object: s3Object({ region: ACCOUNT.region, bucket: BUCKET, key: KEY, encryption, endpoint }),
      cluster: CLUSTER,
      owner: 'one',
      clock: CLOCK,
    });
    await advance(store, 1);
    const writes = s3.requests.filter(({ method }) => method === 'PUT');
    expect(writes.map(({ path }) => path.includes('quarantine'))).toContain(true);
    expect(writes.length).toBeGreaterThan(2);
    for (const { headers: sent } of writes)
      expect([
        sent['x-amz-server-side-encryption'],
        sent['x-amz-server-side-encryption-aws-kms-key-id'],
      ]).toEqual(headers);
  });

  test('is read again after another function wrote', async () => {
    const [one, two] = [open(s3, 'one'), open(s3, 'two')];
    await advance(one, 1);
    await advance(two, 2);
    expect(await acquire(one, 3)).toEqual(acquiredFrom(2));
  });

  test('names the missing permission if a missing key is forbidden', async () => {
    s3.rights.delete('s3:ListBucket');
    await expect(acquire(open(s3, 'one'), 1)).rejects.toMatchObject({
      code: 'state-failed',
      message: expect.stringMatching(/did not read s3:\/\/states\/cni-metrics\/prod\.json\.gz: AccessDenied/),
      remedy: expect.stringContaining('s3:ListBucket'),
    });
  });

  const SLOW_DOWN = { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
  const CONFLICT = { status: 409, code: 'ConditionalRequestConflict', message: 'Conflicting operation' };

  test('that throttles once gets a second request', async () => {
    disturbances = { GET: [SLOW_DOWN], PUT: [SLOW_DOWN, undefined, SLOW_DOWN, undefined, SLOW_DOWN] };
    await advance(open(s3, 'one'), 1);
    expect(await open(s3, 'two').read(deadlineIn())).toEqual(someState(tick(1)));
  });

  test('that continues to throttle gives no lease, and the next cycle continues', async () => {
    const store = open(s3, 'one');
    await advance(store, 1);
    disturbances = { PUT: [SLOW_DOWN, SLOW_DOWN] };
    await expect(acquire(store, 2)).rejects.toMatchObject({
      code: 'state-failed',
      message: expect.stringContaining('SlowDown'),
    });
    expect(await acquire(store, 3)).toEqual(acquiredFrom(1));
  });

  test('that does not answer once is asked again within the deadline', async () => {
    await advance(open(s3, 'one'), 1);
    disturbances = { GET: ['hang'] };
    expect(await acquire(open(s3, 'two'), 2, 2_000)).toMatchObject({
      outcome: 'acquired',
    });
  });

  test.each([
    { what: 'do not come', GET: ['hang', 'hang'] as const },
    { what: 'stop halfway', GET: ['stall'] as const },
  ])('whose answers $what fails by the deadline', async ({ GET }) => {
    await advance(open(s3, 'one'), 1);
    disturbances = { GET: [...GET] };
    await expect(acquire(open(s3, 'two'), 2, 300)).rejects.toMatchObject({
      code: 'state-failed',
    });
  });

  test('whose answer breaks off halfway fails, and nothing is quarantined', async () => {
    await advance(open(s3, 'one'), 1);
    disturbances = { GET: ['truncate'] };
    const store = open(s3, 'two');
    await expect(acquire(store, 2)).rejects.toMatchObject({
      code: 'state-failed',
    });
    expect(await acquire(store, 2)).toEqual(acquiredFrom(1));
    expect([...s3.objects.keys()]).toEqual([KEY]);
  });

  test('with a write in conflict is read again, and the lease is asked for again', async () => {
    disturbances = { PUT: [CONFLICT] };
    await advance(open(s3, 'one'), 1);
  });

  test('that always conflicts gives no lease', async () => {
    disturbances = { PUT: Array(3).fill(CONFLICT) };
    await expect(acquire(open(s3, 'one'), 1)).rejects.toMatchObject({
      code: 'state-failed',
    });
  });

  const GONE = Array(100).fill(SLOW_DOWN);

  test('may apply a write and lose the answer: each step recognizes its own write', async () => {
    const store = open(s3, 'one');
    disturbances = { PUT: ['lose-answer'] };
    expect(await acquire(store, 1)).toMatchObject({ outcome: 'acquired' });
    disturbances = { PUT: ['lose-answer'] };
    await store.prepare(someState(tick(1)), deadlineIn());
    disturbances = { PUT: ['lose-answer'] };
    await store.commit(deadlineIn());
    await advance(store, 2);
  });

  test.each<{ what: string; disturbance: (AwsFault | undefined)[] }>([
    { what: 'conflicts', disturbance: [CONFLICT, CONFLICT] },
    { what: 'throttles longer than the SDK tries', disturbance: Array(5).fill(SLOW_DOWN) },
    { what: 'loses both answers of the SDK', disturbance: ['lose-answer', 'lose-answer'] },
  ])('that $what while the object carries the lease is written again', async ({ disturbance }) => {
    const store = open(s3, 'one');
    await acquire(store, 1);
    disturbances = { PUT: [...disturbance] };
    await store.prepare(someState(tick(1)), deadlineIn());
    disturbances = { PUT: [...disturbance] };
    await store.commit(deadlineIn());
    expect(await acquire(open(s3, 'two'), 2)).toEqual(acquiredFrom(1));
  });

  test.each(['lost', 'applied'])(
    'that stays away from prepare on, the write %s: nothing is counted',
    async (fate) => {
      const store = open(s3, 'one');
      await advance(store, 1);
      await acquire(store, 2);
      disturbances = {
        PUT: fate === 'lost' ? GONE : ['lose-answer', 'lose-answer', ...GONE],
        GET: [...GONE],
      };
      await expect(store.prepare(someState(tick(2), 7), deadlineIn())).rejects.toMatchObject({
        code: 'state-failed',
      });
      disturbances = {};
      expect(await store.read(deadlineIn())).toEqual(someState(tick(1)));
      expect(await acquire(store, 3)).toEqual(acquiredFrom(1));
      expect(await open(s3, 'two').read(deadlineIn())).toEqual(someState(tick(1)));
    },
  );

  test('that stays away from commit on: this function and, once the lease expires, any other continues', async () => {
    const store = open(s3, 'one');
    await acquire(store, 1);
    await store.prepare(someState(tick(1)), deadlineIn());
    disturbances = { PUT: [...GONE] };
    await expect(store.commit(deadlineIn())).rejects.toMatchObject({ code: 'state-failed' });
    disturbances = {};
    expect(await acquire(open(s3, 'two'), 2)).toEqual({
      outcome: 'held',
      by: tick(1),
    });
    const later = { now: () => T0 + MINUTE, wait: async () => {} };
    const lease = acquiredFrom(1);
    expect(await acquire(open(s3, 'two', later), 2)).toMatchObject(lease);
    expect(await acquire(store, 1)).toEqual({ outcome: 'published', at: tick(1) });
  });

  test('that stays away from rollback on: the next lease of the same function rolls back', async () => {
    const store = open(s3, 'one');
    await advance(store, 1);
    await acquire(store, 2);
    await store.prepare(someState(tick(2), 7), deadlineIn());
    disturbances = { PUT: [...GONE] };
    await expect(store.rollback(deadlineIn())).rejects.toMatchObject({ code: 'state-failed' });
    disturbances = {};
    expect(await acquire(store, 2)).toEqual(acquiredFrom(1));
    expect(await open(s3, 'two').read(deadlineIn())).toEqual(someState(tick(1)));
  });

  test('with an object too large to be state has it quarantined unread', async () => {
    s3.objects.set(KEY, new Uint8Array(33 * 1024 * 1024));
    expect(await acquire(open(s3, 'one'), 1)).toMatchObject({
      outcome: 'acquired',
      quarantine: { reason: 'too large' },
    });
    expect(s3.objects.size).toBe(2);
  });
});
