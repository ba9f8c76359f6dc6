import { eksToken } from '../../../lambda/adapters/aws/eks-token.ts';
import type { Principal } from '../sts.ts';
import { PARTITIONS, type Partition } from './partitions.ts';

/** A token, and whether a cluster of the partition accepts it. */
export interface TokenRow {
  readonly name: string;
  readonly accepted: boolean;
  readonly token: (place: Place) => Promise<string>;
}

export interface Place {
  readonly clusterName: string;
  readonly region: string;
  /** By the kinds of keys that IAM knows. */
  readonly keys: Readonly<Record<KeyKind, Principal>>;
}

const KEY_KINDS = ['temporary', 'long-term', 'long-session', 'longer-session'] as const;
type KeyKind = (typeof KEY_KINDS)[number];

/** Keys of one role, as IAM of a partition knows them. */
export function keysOf({ id }: Partition): Place['keys'] {
  const key = (kind: string, sessionToken?: string): Principal => ({
    accessKeyId: `${sessionToken === undefined ? 'AKIA' : 'ASIA'}${id}${kind}`
      .replaceAll('-', '')
      .toUpperCase(),
    secretAccessKey: `secret/of+${id}`,
    ...(sessionToken !== undefined && { sessionToken }),
    arn: `arn:${id}:sts::111122223333:assumed-role/eks-cni-metrics/local`,
    userId: 'AROAREADER0000000001:local',
  });
  return {
    temporary: key('temporary', `session/of+${id}==`),
    'long-term': key('long-term'),
    'long-session': key('long-session', 'L'.repeat(1_700)),
    'longer-session': key('longer-session', 'L'.repeat(2_700)),
  };
}

const MINUTE_MS = 60_000;

interface Changes {
  readonly kind?: KeyKind;
  readonly key?: Partial<Principal>;
  readonly clusterName?: string;
  readonly region?: string;
  /** Minutes by which the clock is wrong. */
  readonly ahead?: number;
}

/** Made by the function's own code. */
async function signed(place: Place, changes: Changes = {}): Promise<string> {
  const {
    kind = 'temporary',
    key,
    clusterName = place.clusterName,
    region = place.region,
    ahead = 0,
  } = changes;
  const { accessKeyId, secretAccessKey, sessionToken } = { ...place.keys[kind], ...key };
  const header = await eksToken({
    clusterName,
    region,
    credentials: async () => ({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }),
    clock: { now: () => Date.now() + ahead * MINUTE_MS },
  }).authorization();
  return header.slice('Bearer '.length);
}

const row = (name: string, accepted: boolean, changes: Changes = {}): TokenRow => ({
  name,
  accepted,
  token: (place) => signed(place, changes),
});

const PREFIX = 'k8s-aws-v1.';

/** A good token whose URL is changed afterwards. */
const edited = (name: string, edit: (url: string) => string, accepted = false): TokenRow => ({
  name,
  accepted,
  async token(place) {
    const url = Buffer.from((await signed(place)).slice(PREFIX.length), 'base64url').toString();
    const changed = edit(url);
    if (changed === url) throw new Error(`the edit changes nothing: ${name}`);
    return `${PREFIX}${Buffer.from(changed).toString('base64url')}`;
  },
});

/** A good token whose text is changed afterwards. */
const spoilt = (name: string, spoil: (token: string) => string): TokenRow => ({
  name,
  accepted: false,
  token: async (place) => spoil(await signed(place)),
});

const replaced = (from: string | RegExp, to: string) => (url: string) => url.replace(from, to);

/** For a cluster in any partition. */
const ROWS: readonly TokenRow[] = [
  row('of a temporary key', true),
  row('of a long-term key', true, { kind: 'long-term' }),
  row('with a session of 1,700 bytes', true, { kind: 'long-session' }),
  row('with a session of 2,700 bytes, which is too long', false, { kind: 'longer-session' }),
  row('signed 14 minutes ago', true, { ahead: -14 }),
  row('signed 15 minutes and 3 seconds ago', false, { ahead: -15.05 }),
  row('signed by a clock 4 minutes ahead', true, { ahead: 4 }),
  row('signed by a clock 6 minutes ahead', false, { ahead: 6 }),
  row('for another cluster', false, { clusterName: 'other' }),
  row('with another secret', false, { key: { secretAccessKey: 'other' } }),
  row('of an unknown key', false, { key: { accessKeyId: 'ASIAUNKNOWN000000000' } }),
  row('with another session', false, { key: { sessionToken: 'other' } }),
  row('without its session', false, { key: { sessionToken: '' } }),
  edited('with an expiry of 900 s, which is not signed', replaced('Expires=60', 'Expires=900')),
  edited('with an expiry of 901 s', replaced('Expires=60', 'Expires=901')),
  edited('without the cluster among the signed headers', replaced('%3Bx-k8s-aws-id', '')),
  edited('with another parameter', (url) => `${url}&Foo=1`),
  edited('with a parameter twice', (url) => `${url}&action=GetCallerIdentity`),
  edited('with an escape cut short', (url) => `${url}%2`),
  edited('for another action', replaced('GetCallerIdentity', 'GetUser')),
  edited('for another version', replaced('2011-06-15', '2011-06-16')),
  edited('of http', replaced('https:', 'http:')),
  edited('of another host', replaced('/?', '.example.com/?')),
  edited('of a host in capitals', replaced('sts.', 'STS.')),
  edited('of port 443', replaced('/?', ':443/?')),
  edited('with a user before the host, which nobody looks at', replaced('https://', 'https://a@'), true),
  edited('with a path', replaced('/?', '/x?')),
  edited('without a path', replaced('/?', '?')),
  edited('with a fragment, which nobody looks at', (url) => `${url}#x`, true),
  edited('with another signature', replaced(/Signature=[0-9a-f]{64}/, `Signature=${'0'.repeat(64)}`)),
  spoilt('with padding', (token) => `${token}=`),
  spoilt('with another prefix', (token) => token.replace('v1', 'v2')),
  spoilt('cut in half', (token) => token.slice(0, token.length / 2)),
  spoilt('of no text', () => PREFIX),
];

/** What a cluster of the partition is shown. */
export function rowsOf(partition: Partition): readonly TokenRow[] {
  const { otherRegion } = partition;
  const foreign = PARTITIONS.filter((other) => other !== partition);
  return [
    ...ROWS,
    ...(otherRegion === undefined ? [] : [row(`for ${otherRegion}`, true, { region: otherRegion })]),
    ...foreign.map(({ region }) => row(`for ${region}, of another partition`, false, { region })),
  ];
}
