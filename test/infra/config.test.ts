import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Aws } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { ALARM_IDS } from '../../infra/alarms/definitions.ts';
import { readConfiguration } from '../../infra/config.ts';
import { stackNameOf } from '../../infra/entry.ts';
import { EXAMPLE } from '../support/stack-template.ts';
import { temporaryFolder } from '../support/temporary-files.ts';

/** The faults of a configuration, without the line that names its source. */
function faultsOf(config: unknown): string[] {
  try {
    readConfiguration(config);
  } catch (error) {
    return String(error).split('\n').slice(1);
  }
  return [];
}

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:on-call';

const entryWith = (changes: object) => ({ clusters: [{ ...EXAMPLE, ...changes }] });

describe('a configuration', () => {
  test('is read from a file or from the context itself', () => {
    expect(readConfiguration('clusters.example.json')).toEqual([EXAMPLE]);
    expect(readConfiguration({ clusters: [EXAMPLE] })).toEqual([EXAMPLE]);
  });

  test('that does not exist says how to write it', () => {
    expect(() => readConfiguration('none.json')).toThrow(
      'none.json does not exist. Write it with configure (--cluster NAME --region REGION), or name another file with -c config=FILE.',
    );
  });

  const written = (text: string) => {
    const file = join(temporaryFolder(), 'clusters.json');
    writeFileSync(file, text);
    return file;
  };

  test('that is not JSON says so', () => {
    const file = written('{ "clusters": [');
    expect(() => readConfiguration(file)).toThrow(`${file} is not JSON`);
  });

  test.each(['{"clusters":[{"\x9b31m\u202e\\n":1,"cluster":{"name":"\x9b5m"}}]}', '{"clusters":\x1b[2J'])(
    'of somebody else does not act on the terminal: %j',
    (text) => {
      const file = written(text);
      expect(() => readConfiguration(file)).toThrow(/^[\n\P{C}]+$/u);
      expect(() => readConfiguration(file)).toThrow(/\\u\{(9b|1b)\}/);
    },
  );

  test('has no tokens of the CDK, which pass every format and stand in commands to paste', () => {
    const cluster = { ...EXAMPLE.cluster, name: `production; $(id) #${Aws.REGION}` };
    const file = written(JSON.stringify({ clusters: [{ ...EXAMPLE, cluster, stackName: 'cni' }] }));
    const fault = `${file} contains a token of the CDK (\${Token[…]}): only the code of an app can give tokens.`;
    expect(() => readConfiguration(file)).toThrow(fault);
    const text = readFileSync(file, 'utf8').replace('${Token', String.raw`\u0024{Token`);
    expect(() => readConfiguration(written(text))).toThrow('contains a token of the CDK');
  });

  test('may start with a byte order mark', () => {
    expect(readConfiguration(written(`\uFEFF${JSON.stringify({ clusters: [EXAMPLE] })}`))).toEqual([EXAMPLE]);
  });

  test.each([
    [undefined, '  Invalid input: expected object, received undefined'],
    [{}, '  clusters: Invalid input: expected array, received undefined'],
    [{ clusters: [] }, '  clusters: Too small: expected array to have >=1 items'],
    [{ clusters: [EXAMPLE], cluster: 1 }, '  cluster: unknown field, did you mean clusters?'],
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
      '  vpcId',
      '  subnets.0.id',
      '  subnets.0.availabilityZone',
      '  subnets.0.routeTableId',
      '  cluster.name',
      '  cluster.endpoint',
      '  cluster.certificateAuthority',
      '  cluster.securityGroupId',
      '  access',
      '  endpoints.0',
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
      '  memory',
      'clusters[2] (production):',
      '  stackName',
    ]);
    expect(faults).toContain('  account: the 12 digits of the account');
    expect(faults).toContain('  memory: unknown field');
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
      '  function.timeoutSeconds: a cycle must end before the next: give less than 60 (METRIC_UPDATE_INTERVAL)',
    ],
    [
      { endpoints: ['eks'] },
      '  endpoints: eks is never called if endpoint and certificateAuthority are given',
    ],
    [
      { endpoints: ['ec2'] },
      '  endpoints: ec2 is called only with SUBNET_METRICS or CLUSTER_ID_FROM=ec2-tags',
    ],
    [
      { subnets: [first, { ...second, id: first?.id }] },
      '  subnets: subnet-0123456789abcdef0 is there more than once',
    ],
    [
      { subnets: [first, { ...second, availabilityZone: first?.availabilityZone }] },
      '  subnets: eu-central-1a is there more than once: name one subnet for each zone',
    ],
    [{ settings: { NODE_CIDRS: ['10.0.0.0/16'] } }, '  settings.NODE_CIDRS: needs SCRAPE_VIA: node'],
    [
      { settings: { SCRAPE_VIA: 'node', SCRAPE_CONCURRENCY: 251 } },
      '  settings.SCRAPE_CONCURRENCY: is 250 at the most with SCRAPE_VIA: node, since each read takes a socket',
    ],
    [
      { settings: { SUBNET_IDS: ['subnet-0123456789abcdef0'] } },
      '  settings.SUBNET_IDS: needs SUBNET_METRICS: true',
    ],
    [
      { settings: { USE_CLOUDWATCH: false }, dashboard: false },
      '  settings: with CLUSTER_ID_FROM=ec2-tags (give the ID as AWS_CLUSTER_ID instead) or USE_CLOUDWATCH=false, dashboard and alarms must be false',
    ],
    [
      { nodeSecurityGroupIds: ['sg-00000000000000001', 'sg-00000000000000001'] },
      '  nodeSecurityGroupIds: sg-00000000000000001 is there more than once',
    ],
    [{ endpoints: ['s3', 's3'] }, '  endpoints: s3 is there more than once'],
    [
      { alarms: { topicArn: TOPIC, email: 'a@example.com' } },
      '  alarms: email creates topics: remove it, or topicArn and warningTopicArn',
    ],
    [{ alarms: { warningTopicArn: TOPIC } }, '  alarms: warningTopicArn needs topicArn'],
    [
      { alarms: { overrides: Object.fromEntries(ALARM_IDS.map((id) => [id, false])) } },
      '  alarms.overrides: no alarm is left: set alarms to false',
    ],
    [
      { alarms: { overrides: { upgradeRoomLow: { threshold: 20 } } } },
      '  alarms.overrides.upgradeRoomLow: this alarm exists only with SUBNET_METRICS: true',
    ],
    [
      { alarms: { overrides: { ipamdErrors: { evaluationPeriods: 289 } } } },
      '  alarms.overrides.ipamdErrors: 289 x 5 min is longer than a day, the most that an alarm evaluates',
    ],
    [
      { alarms: { overrides: { ipamdErrors: { datapointsToAlarm: 4 } } } },
      '  alarms.overrides.ipamdErrors: 4 of 3 datapoints can never breach',
    ],
    [
      { alarms: { topicArn: 'arn:aws:sns:us-east-1:111122223333:on-call' } },
      '  alarms.topicArn: is in us-east-1: it must be in the region of the cluster, eu-central-1',
    ],
    [
      { kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd' },
      '  kmsKeyArn: is in us-east-1: it must be in the region of the cluster, eu-central-1',
    ],
    [
      { alarms: { topicArn: 'arn:aws-cn:sns:cn-north-1:111122223333:on-call' } },
      '  alarms.topicArn: is in the partition aws-cn, the cluster in aws',
    ],
    [
      { alarms: { topicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call.fifo' } },
      '  alarms.topicArn: the ARN of a standard SNS topic (not FIFO)',
    ],
    [
      { settings: { CLUSTER_ID_FROM: 'ec2-tags', AWS_CLUSTER_ID: 'blue' }, dashboard: false, alarms: false },
      '  settings.AWS_CLUSTER_ID: already sets the ID: remove CLUSTER_ID_FROM',
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
});

describe('two entries', () => {
  const blue = { ...EXAMPLE, cluster: { ...EXAMPLE.cluster, name: 'blue' } };
  const green = { ...EXAMPLE, cluster: { ...EXAMPLE.cluster, name: 'green' } };
  const both = 'blue (111122223333, eu-central-1) and green (111122223333, eu-central-1)';
  const same = { AWS_CLUSTER_ID: 'main' };
  const topicArn = 'arn:aws:sns:eu-west-1:111122223333:on-call';

  test.each<[string, object[], string[]]>([
    [
      'of one name in two regions need a stack name',
      [blue, { ...blue, region: 'eu-west-1', alarms: {} }],
      [
        'blue (111122223333, eu-central-1) and blue (111122223333, eu-west-1) create the stack cni-metrics-blue: give one of them a stackName',
      ],
    ],
    [
      'of one name in two regions with a stack name',
      [blue, { ...blue, region: 'eu-west-1', alarms: {}, stackName: 'w' }],
      [],
    ],
    [
      'of one cluster',
      [blue, { ...blue, stackName: 'again' }],
      [
        'blue (111122223333, eu-central-1) and blue (111122223333, eu-central-1) are the same cluster: remove one',
      ],
    ],
    [
      'with one CLUSTER_ID',
      [
        { ...blue, settings: same },
        { ...green, settings: same },
      ],
      [
        `${both} publish to the namespace Kubernetes with CLUSTER_ID main: give one of them another AWS_CLUSTER_ID`,
      ],
    ],
    [
      'with one CLUSTER_ID in two namespaces, whose alarms have the same names',
      [
        { ...blue, settings: same },
        { ...green, settings: { ...same, METRICS_NAMESPACE: 'Network' } },
      ],
      [`${both} create alarms named cni-main-…: give one of them another AWS_CLUSTER_ID`],
    ],
    [
      'with one CLUSTER_ID in two accounts',
      [
        { ...blue, settings: same },
        { ...green, settings: same, account: '444455556666' },
      ],
      [],
    ],
    [
      'that create an S3 gateway endpoint in the same route tables',
      [
        { ...blue, endpoints: ['monitoring', 's3'] },
        { ...green, endpoints: ['monitoring', 's3'] },
      ],
      [
        `${both} create an S3 gateway endpoint in rtb-0123456789abcdef0, which can have only one, with a policy for one function: use subnets of other route tables, or remove s3 from both and create an endpoint for both`,
      ],
    ],
    [
      'are reported together with the faults of other entries',
      [blue, { ...blue, stackName: 'again' }, { ...green, alarms: { topicArn } }],
      [
        'clusters[2] (green):',
        '  alarms.topicArn: is in eu-west-1: it must be in the region of the cluster, eu-central-1',
        'blue (111122223333, eu-central-1) and blue (111122223333, eu-central-1) are the same cluster: remove one',
      ],
    ],
  ])('%s', (_, clusters, faults) => {
    expect(faultsOf({ clusters })).toEqual(faults);
  });
});

test.each([
  ['cn-north-1', true],
  ['us-gov-west-1', true],
  ['eusc-de-east-1', true],
  ['us-isob-east-1', true],
  ['eu-central-1a', false],
  ['eusc-1', false],
])('the region %s is accepted: %s', (region, isAccepted) => {
  expect(faultsOf(entryWith({ region, alarms: false }))).toEqual(
    isAccepted ? [] : ['clusters[0] (production):', '  region: a region such as eu-central-1'],
  );
});

test('a name that is nearly right is answered with the right one', () => {
  expect(
    faultsOf(
      entryWith({
        Access: 'aws-auth',
        setings: {},
        alarms: { topic: 'x' },
        settings: { subnet_metrics: true },
      }),
    ),
  ).toEqual([
    'clusters[0] (production):',
    '  settings.subnet_metrics: unknown field, did you mean SUBNET_METRICS?',
    '  alarms.topic: unknown field, did you mean topicArn?',
    '  Access: unknown field, did you mean access?',
    '  setings: unknown field, did you mean settings?',
  ]);
});

test('the app prints the faults without a stack trace', async () => {
  const run = promisify(execFile)(process.execPath, ['infra/app.ts'], {
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ config: { clusters: [] } }) },
  });
  const { stderr, code } = await run.catch((error) => error);
  expect(code).toBe(1);
  expect(stderr).toBe(
    'context "config" has faults.\n  clusters: Too small: expected array to have >=1 items\n',
  );
});
