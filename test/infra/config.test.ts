import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfiguration, stackNameOf } from '../../infra/config.ts';
import { EXAMPLE } from '../support/stack-template.ts';

/** The faults of a configuration, without the line that names its source. */
function faultsOf(config: unknown): string[] {
  try {
    readConfiguration(config);
  } catch (error) {
    return String(error).split('\n').slice(1);
  }
  return [];
}

const entryWith = (changes: object) => ({ clusters: [{ ...EXAMPLE, ...changes }] });

describe('a configuration', () => {
  test('is read from a file or from the context itself', () => {
    expect(readConfiguration('clusters.example.json')).toEqual([EXAMPLE]);
    expect(readConfiguration({ clusters: [EXAMPLE] })).toEqual([EXAMPLE]);
  });

  test('that does not exist says how to write it', () => {
    expect(() => readConfiguration('none.json')).toThrow(
      'none.json does not exist. Write it with: npm run configure -- --cluster NAME --region REGION; or name another file with -c config=FILE.',
    );
  });

  test('that is not JSON says so', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'clusters-')), 'clusters.json');
    writeFileSync(file, '{ "clusters": [');
    expect(() => readConfiguration(file)).toThrow(`${file} is not JSON`);
  });

  test.each([
    [undefined, '  it: Invalid input: expected object, received undefined'],
    [{}, '  clusters: Invalid input: expected array, received undefined'],
    [{ clusters: [] }, '  clusters: Too small: expected array to have >=1 items'],
    [{ clusters: [EXAMPLE], cluster: 1 }, '  it: Unrecognized key: "cluster"'],
  ])('must be a list of clusters: %j', (config, fault) => {
    expect(faultsOf(config)).toEqual([fault]);
  });

  test('names all faults of all entries at once', () => {
    const bad = {
      account: '1234',
      region: 'Frankfurt',
      cluster: { name: '-prod', endpoint: 'http://x', certificateAuthority: 'Q0E=', securityGroupId: 'sg-1' },
      vpcId: 'production',
      subnets: [{ id: 'subnet-1', availabilityZone: '', routeTableId: 'rtb' }],
      access: 'root',
      endpoints: ['sts'],
      function: { memoryMb: 64, timeoutSeconds: 5, architecture: 'arm', logRetentionDays: 2 },
      state: { removal: 'keep' },
      alarms: { topicArn: 'topic', overrides: { heartbeat: 'no' } },
      runbookUrl: 'here',
      settings: { LOG_LEVEL: 'loud', METRICS_NAMESPACE: 'AWS/EKS', STATE_KEY: '/x', SCRAPE_TIMEOUT_MS: 9000 },
      memory: 512,
    };
    const faults = faultsOf({ clusters: [bad, EXAMPLE, { ...EXAMPLE, stackName: '9' }] });
    expect(faults.map((line) => line.replace(/: .*/, ''))).toEqual([
      'clusters[0] (-prod):',
      '  account',
      '  region',
      '  cluster.name',
      '  cluster.endpoint',
      '  cluster.certificateAuthority',
      '  cluster.securityGroupId',
      '  vpcId',
      '  subnets.0.id',
      '  subnets.0.availabilityZone',
      '  subnets.0.routeTableId',
      '  endpoints.0',
      '  access',
      '  function.memoryMb',
      '  function.timeoutSeconds',
      '  function.architecture',
      '  function.logRetentionDays',
      '  state.removal',
      '  settings.METRICS_NAMESPACE',
      '  settings.SCRAPE_TIMEOUT_MS',
      '  settings.STATE_KEY',
      '  settings.LOG_LEVEL',
      '  alarms.topicArn',
      '  alarms.overrides.heartbeat',
      '  runbookUrl',
      '  it',
      'clusters[2] (production):',
      '  stackName',
    ]);
    expect(faults).toContain('  account: the 12 digits of the account');
    expect(faults).toContain('  it: Unrecognized key: "memory"');
  });

  test.each([`blue "green"`, "blue's", 'a'.repeat(201), ':blue', ' '])(
    'refuses %j as AWS_CLUSTER_ID, which names alarms and is searched for',
    (id) => {
      expect(faultsOf(entryWith({ settings: { AWS_CLUSTER_ID: id } }))).toEqual([
        'clusters[0] (production):',
        '  settings.AWS_CLUSTER_ID: 1 to 200 printable ASCII characters without quotes and backslashes, not starting with a colon',
      ]);
    },
  );

  const { endpoint: _, ...withoutEndpoint } = EXAMPLE.cluster;
  const [first, second] = EXAMPLE.subnets;
  test.each([
    [
      { cluster: withoutEndpoint },
      '  cluster: endpoint and certificateAuthority go together: give both or neither',
    ],
    [
      { function: { timeoutSeconds: 60 } },
      '  function.timeoutSeconds: a cycle must end before the next: give less than METRIC_UPDATE_INTERVAL',
    ],
    [
      { endpoints: ['eks'] },
      '  endpoints: eks is never called where endpoint and certificateAuthority are given',
    ],
    [
      { endpoints: ['ec2'] },
      '  endpoints: ec2 is called only with SUBNET_METRICS or CLUSTER_ID_FROM=ec2-tags',
    ],
    [
      { subnets: [first, { ...second, id: first?.id }] },
      '  subnets: two have the same id: name one subnet a zone',
    ],
    [
      { subnets: [first, { ...second, availabilityZone: first?.availabilityZone }] },
      '  subnets: two have the same availabilityZone: name one subnet a zone',
    ],
    [
      { settings: { SUBNET_IDS: ['subnet-0123456789abcdef0'] } },
      '  settings.SUBNET_IDS: needs SUBNET_METRICS: true',
    ],
    [
      { settings: { USE_CLOUDWATCH: false }, dashboard: false },
      '  settings: with CLUSTER_ID_FROM=ec2-tags (name the id as AWS_CLUSTER_ID instead) or USE_CLOUDWATCH=false, dashboard and alarms must be false',
    ],
    [
      { settings: { CLUSTER_ID_FROM: 'ec2-tags', AWS_CLUSTER_ID: 'blue' }, dashboard: false, alarms: false },
      '  settings.AWS_CLUSTER_ID: already says the id: leave out CLUSTER_ID_FROM',
    ],
  ])('refuses what contradicts itself: %j', (changes, fault) => {
    expect(faultsOf(entryWith(changes))).toEqual(['clusters[0] (production):', fault]);
    // Together with a fault elsewhere.
    expect(faultsOf(entryWith({ ...changes, account: 'mine' }))).toContain(fault);
  });
});

describe('the name of a stack', () => {
  test('is that of the cluster, in the letters CloudFormation takes', () => {
    expect(stackNameOf({ ...EXAMPLE, cluster: { ...EXAMPLE.cluster, name: 'blue_2' } })).toBe(
      'cni-metrics-blue-2',
    );
    expect(stackNameOf({ ...EXAMPLE, stackName: 'mine' })).toBe('mine');
  });

  test('may exist once only, whatever the account and region', () => {
    expect(faultsOf({ clusters: [EXAMPLE, { ...EXAMPLE, region: 'eu-west-1' }] })).toEqual([
      'two entries make the stack cni-metrics-production: give one of them a stackName',
    ]);
    expect(
      faultsOf({ clusters: [EXAMPLE, { ...EXAMPLE, region: 'eu-west-1', stackName: 'cni-metrics-west' }] }),
    ).toEqual([]);
  });
});
