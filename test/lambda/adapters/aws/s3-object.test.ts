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
import { someState } from '../../../support/states.ts';

const BUCKET = 'states';
const KEY = 'cni-metrics/prod.json.gz';
const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 2);
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
  const start = async () => {
    disturbances = { GET: [], PUT: [] };
    s3 = await startS3(ACCOUNT, BUCKET);
    s3.faults.always = ({ method }) => disturbances[method]?.shift();
  };
  const tick = (number: number) => T0 + number * MINUTE;
  const advance = async (store: StateStore, number: number) => {
    expect(await store.acquire(tick(number), MINUTE, deadlineIn())).toMatchObject({ outcome: 'acquired' });
    await store.prepare(someState(tick(number)), deadlineIn());
    await store.commit(deadlineIn());
  };
  afterEach(() => s3.close());

  test('is read once, and written three times a cycle', async () => {
    await start();
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
    await start();
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
    await start();
    const [one, two] = [open(s3, 'one'), open(s3, 'two')];
    await advance(one, 1);
    await advance(two, 2);
    expect(await one.acquire(tick(3), MINUTE, deadlineIn())).toEqual({
      outcome: 'acquired',
      state: someState(tick(2)),
    });
  });

  test('names the missing permission if a missing key is forbidden', async () => {
    await start();
    s3.rights.delete('s3:ListBucket');
    await expect(open(s3, 'one').acquire(tick(1), MINUTE, deadlineIn())).rejects.toMatchObject({
      code: 'state-failed',
      message: expect.stringMatching(/did not read s3:\/\/states\/cni-metrics\/prod\.json\.gz: AccessDenied/),
      remedy: expect.stringContaining('s3:ListBucket'),
    });
  });

  const SLOW_DOWN = { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
  const CONFLICT = { status: 409, code: 'ConditionalRequestConflict', message: 'Conflicting operation' };

  test('that throttles once gets a second request', async () => {
    await start();
    disturbances = { GET: [SLOW_DOWN], PUT: [SLOW_DOWN, undefined, SLOW_DOWN, undefined, SLOW_DOWN] };
    await advance(open(s3, 'one'), 1);
    expect(await open(s3, 'two').read(deadlineIn())).toEqual(someState(tick(1)));
  });

  test('that continues to throttle gives no lease, and the next cycle continues', async () => {
    await start();
    const store = open(s3, 'one');
    await advance(store, 1);
    disturbances = { PUT: [SLOW_DOWN, SLOW_DOWN] };
    await expect(store.acquire(tick(2), MINUTE, deadlineIn())).rejects.toMatchObject({
      code: 'state-failed',
      message: expect.stringContaining('SlowDown'),
    });
    expect(await store.acquire(tick(3), MINUTE, deadlineIn())).toEqual({
      outcome: 'acquired',
      state: someState(tick(1)),
    });
  });

  test('that does not answer once is asked again within the deadline', async () => {
    await start();
    await advance(open(s3, 'one'), 1);
    disturbances = { GET: ['hang'] };
    expect(await open(s3, 'two').acquire(tick(2), MINUTE, deadlineIn(2_000))).toMatchObject({
      outcome: 'acquired',
    });
  });

  test.each([
    { what: 'do not come', GET: ['hang', 'hang'] as const },
    { what: 'stop halfway', GET: ['stall'] as const },
  ])('whose answers $what fails by the deadline', async ({ GET }) => {
    await start();
    await advance(open(s3, 'one'), 1);
    disturbances = { GET: [...GET] };
    await expect(open(s3, 'two').acquire(tick(2), MINUTE, deadlineIn(300))).rejects.toMatchObject({
      code: 'state-failed',
    });
  });

  test('whose answer breaks off halfway fails, and nothing is quarantined', async () => {
    await start();
    await advance(open(s3, 'one'), 1);
    disturbances = { GET: ['truncate'] };
    const store = open(s3, 'two');
    await expect(store.acquire(tick(2), MINUTE, deadlineIn())).rejects.toMatchObject({
      code: 'state-failed',
    });
    expect(await store.acquire(tick(2), MINUTE, deadlineIn())).toEqual({
      outcome: 'acquired',
      state: someState(tick(1)),
    });
    expect([...s3.objects.keys()]).toEqual([KEY]);
  });

  test('with a write in conflict is read again, and the lease is asked for again', async () => {
    await start();
    disturbances = { PUT: [CONFLICT] };
    await advance(open(s3, 'one'), 1);
  });

  test('that always conflicts gives no lease', async () => {
    await start();
    disturbances = { PUT: Array(3).fill(CONFLICT) };
    await expect(open(s3, 'one').acquire(tick(1), MINUTE, deadlineIn())).rejects.toMatchObject({
      code: 'state-failed',
    });
  });

  const GONE = Array(100).fill(SLOW_DOWN);

  test('may apply a write and lose the answer: each step recognizes its own write', async () => {
    await start();
    const store = open(s3, 'one');
    disturbances = { PUT: ['lose-answer'] };
    expect(await store.acquire(tick(1), MINUTE, deadlineIn())).toMatchObject({ outcome: 'acquired' });
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
    await start();
    const store = open(s3, 'one');
    await store.acquire(tick(1), MINUTE, deadlineIn());
    disturbances = { PUT: [...disturbance] };
    await store.prepare(someState(tick(1)), deadlineIn());
    disturbances = { PUT: [...disturbance] };
    await store.commit(deadlineIn());
    expect(await open(s3, 'two').acquire(tick(2), MINUTE, deadlineIn())).toEqual({
      outcome: 'acquired',
      state: someState(tick(1)),
    });
  });

  test.each(['lost', 'applied'])(
    'that stays away from prepare on, the write %s: nothing is counted',
    async (fate) => {
      await start();
      const store = open(s3, 'one');
      await advance(store, 1);
      await store.acquire(tick(2), MINUTE, deadlineIn());
      disturbances = {
        PUT: fate === 'lost' ? GONE : ['lose-answer', 'lose-answer', ...GONE],
        GET: [...GONE],
      };
      await expect(store.prepare(someState(tick(2), 7), deadlineIn())).rejects.toMatchObject({
        code: 'state-failed',
      });
      disturbances = {};
      expect(await store.read(deadlineIn())).toEqual(someState(tick(1)));
      expect(await store.acquire(tick(3), MINUTE, deadlineIn())).toEqual({
        outcome: 'acquired',
        state: someState(tick(1)),
      });
      expect(await open(s3, 'two').read(deadlineIn())).toEqual(someState(tick(1)));
    },
  );

  test('that stays away from commit on: this function and, once the lease expires, any other continues', async () => {
    await start();
    const store = open(s3, 'one');
    await store.acquire(tick(1), MINUTE, deadlineIn());
    await store.prepare(someState(tick(1)), deadlineIn());
    disturbances = { PUT: [...GONE] };
    await expect(store.commit(deadlineIn())).rejects.toMatchObject({ code: 'state-failed' });
    disturbances = {};
    expect(await open(s3, 'two').acquire(tick(2), MINUTE, deadlineIn())).toEqual({
      outcome: 'held',
      by: tick(1),
    });
    const later = { now: () => T0 + MINUTE, wait: async () => {} };
    const lease = { outcome: 'acquired', state: someState(tick(1)) };
    expect(await open(s3, 'two', later).acquire(tick(2), MINUTE, deadlineIn())).toMatchObject(lease);
    expect(await store.acquire(tick(1), MINUTE, deadlineIn())).toEqual({ outcome: 'published', at: tick(1) });
  });

  test('that stays away from rollback on: the next lease of the same function rolls back', async () => {
    await start();
    const store = open(s3, 'one');
    await advance(store, 1);
    await store.acquire(tick(2), MINUTE, deadlineIn());
    await store.prepare(someState(tick(2), 7), deadlineIn());
    disturbances = { PUT: [...GONE] };
    await expect(store.rollback(deadlineIn())).rejects.toMatchObject({ code: 'state-failed' });
    disturbances = {};
    expect(await store.acquire(tick(2), MINUTE, deadlineIn())).toEqual({
      outcome: 'acquired',
      state: someState(tick(1)),
    });
    expect(await open(s3, 'two').read(deadlineIn())).toEqual(someState(tick(1)));
  });

  test('with an object too large to be state has it quarantined unread', async () => {
    await start();
    s3.objects.set(KEY, new Uint8Array(33 * 1024 * 1024));
    expect(await open(s3, 'one').acquire(tick(1), MINUTE, deadlineIn())).toMatchObject({
      outcome: 'acquired',
      quarantine: { reason: 'too large' },
    });
    expect(s3.objects.size).toBe(2);
  });
});
