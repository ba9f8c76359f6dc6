import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { readConfiguration } from '../../../infra/config.ts';
import { describeCluster, describeVpc } from '../../../infra/configure/discover.ts';
import { CniMetricsStack } from '../../../infra/stack.ts';
import { eksFor } from '../../support/aws-services.ts';
import { ROOT } from '../../support/documents.ts';
import {
  choiceFor,
  clusterWith,
  GOOD,
  inAccount,
  NAT,
  routeTable,
  subnet,
} from '../../support/eks-account.ts';
import { checkedApp, checkedTemplate, EXAMPLE, INLINE_CODE } from '../../support/stack-template.ts';
import { temporaryFolder } from '../../support/temporary-files.ts';
import { startServer } from '../../support/tls-server.ts';

const { vpcId } = EXAMPLE;

const subnetIdsOf = ({ discovered }: { discovered: { subnets: { id: string }[] } }) =>
  discovered.subnets.map(({ id }) => id);

test('a good cluster: private subnets with a way out, one a zone, and no warning', async () => {
  expect(await choiceFor()).toEqual({
    discovered: {
      account: '111122223333',
      region: 'eu-central-1',
      cluster: EXAMPLE.cluster,
      vpcId,
      subnets: [
        {
          id: 'subnet-00000000000000001',
          availabilityZone: 'eu-central-1a',
          routeTableId: 'rtb-00000000000000001',
        },
        {
          id: 'subnet-00000000000000002',
          availabilityZone: 'eu-central-1b',
          routeTableId: 'rtb-00000000000000002',
        },
      ],
      access: 'access-entry',
      settings: { SUBNET_METRICS: true },
    },
    explanation: [
      `cluster production, Kubernetes 1.34, in ${vpcId} (account 111122223333, eu-central-1)`,
      'subnet subnet-00000000000000001 in eu-central-1a: private, out through NAT, one of the cluster, 4001 free addresses',
      'subnet subnet-00000000000000002 in eu-central-1b: private, out through NAT, one of the cluster, 4002 free addresses',
      "access by access-entry: the cluster's authentication mode is API_AND_CONFIG_MAP",
      'SUBNET_METRICS: on, about $2.80 a month for 4 subnets, $0.60 more with prefix delegation',
    ],
    warnings: [],
  });
});

describe('the choice of subnets', () => {
  const full = { availableIpAddressCount: 0 };

  test('prefers those that are not for pods, then those of the cluster, then the emptiest', async () => {
    const subnets = [subnet(1, 'a', full), subnet(2, 'b'), subnet(3, 'a'), subnet(7, 'a'), subnet(4, 'a')];
    const routeTables = [routeTable(1, NAT, [1, 2, 3, 7]), routeTable(3, { gatewayId: 'igw-1' }, [4])];
    expect(subnetIdsOf(await choiceFor({ subnets, routeTables }))).toEqual([
      'subnet-00000000000000007',
      'subnet-00000000000000002',
    ]);
  });

  test('takes a subnet for pods only if there is no other, and says so', async () => {
    const choice = await choiceFor({ subnets: [subnet(1, 'a', full), ...GOOD.subnets.slice(1)] });
    expect(subnetIdsOf(choice)[0]).toBe('subnet-00000000000000003');
    expect(choice.explanation[1]).toContain('shared with pods, because there is no other');
  });

  test('never mixes subnets with and without a way out', async () => {
    const routeTables = [
      routeTable(1, { transitGatewayId: 'tgw-1' }, [1]),
      routeTable(2, {}, [2, 3, 4, 5, 6]),
    ];
    expect(subnetIdsOf(await choiceFor({ routeTables }))).toEqual(['subnet-00000000000000001']);
  });

  test('does not count on a NAT gateway that is gone', async () => {
    const gone = { ...NAT, state: 'blackhole' };
    const routeTables = [routeTable(1, gone, [1]), routeTable(2, NAT, [2]), ...GOOD.routeTables.slice(2)];
    expect(subnetIdsOf(await choiceFor({ routeTables }))).toEqual(['subnet-00000000000000002']);
  });

  test('is refused where all subnets are public', async () => {
    const routeTables = [routeTable(3, { gatewayId: 'igw-1' }, [], { associationSet: [{ main: true }] })];
    await expect(choiceFor({ routeTables })).rejects.toThrow(
      `${vpcId} has no private subnet with a free address in eu-central-1a, eu-central-1b.`,
    );
  });
});

describe('what AWS refuses is named with a remedy', () => {
  const describe = (name = 'production') => describeCluster(name, 'eu-central-1');

  test('no such cluster', async () => {
    await expect(inAccount({}, () => describe('prod'))).rejects.toThrow(
      'eks:DescribeCluster of prod in eu-central-1 failed: ResourceNotFoundException: No cluster found for name: prod. Check name, region and AWS_PROFILE.',
    );
  });

  test('no right', async () => {
    await expect(inAccount({}, () => describe(), ['DescribeCluster'])).rejects.toThrow(
      'eks:DescribeCluster of production in eu-central-1 failed: AccessDeniedException',
    );
    const all = async () => describeVpc(await describe());
    await expect(inAccount({}, all, ['DescribeRouteTables'])).rejects.toThrow(
      'ec2:DescribeRouteTables failed: UnauthorizedOperation: You are not authorized to perform this operation. Allow this action for the principal that runs the command.',
    );
  });

  test('no right that docs/deploying.md does not list', async () => {
    const document = readFileSync(join(ROOT, 'docs/deploying.md'), 'utf8');
    const [, listed = ''] = /`ec2:Describe` of ([^.]*)\./.exec(document) ?? [];
    const asked = await inAccount({}, async ({ requests }) => {
      await describeVpc(await describe());
      return new Set(requests.map(({ body }) => new URLSearchParams(body.toString()).get('Action')));
    });
    expect([...asked].sort()).toEqual(
      [...listed.matchAll(/`(\w+)`/g)].map(([, of]) => `Describe${of}`).sort(),
    );
  });

  test('a refusal that repeats the request, without the token of the session', async () => {
    const token = 'IQoJb3JpZ2luX2VjEXAMPLE/+token==';
    const message = `The request signature we calculated does not match. The Canonical String for this request should have been
'GET
/clusters/production

x-amz-security-token:${token}

host'`;
    const eks = await eksFor(() => GOOD.cluster);
    eks.faults.always = { status: 403, code: 'SignatureDoesNotMatch', message };
    const failure: unknown = await describe().catch((error) => error);
    expect(String(failure)).toContain(
      'The request signature we calculated does not match. The Canonical String',
    );
    expect(String(failure)).toContain(
      "x-amz-security-token:[token] host'. AWS does not accept the credentials",
    );
    expect(String(failure)).not.toContain(token);
  });

  test('a cluster that is connected, but does not run in EKS', async () => {
    const { endpoint: _, ...connected } = clusterWith({ connectorConfig: { provider: 'OTHER' } });
    await expect(inAccount({ cluster: connected }, () => describe())).rejects.toThrow(
      'production is connected to EKS, but does not run there',
    );
  });

  test('an ACTIVE cluster of which fields are missing', async () => {
    const { endpoint: _, ...odd } = clusterWith({});
    await expect(inAccount({ cluster: odd }, () => describe())).rejects.toThrow(
      'EKS returned no endpoint of production: check the cluster with aws eks describe-cluster.',
    );
  });

  test('a cluster that is still being created', async () => {
    const { endpoint: _, ...creating } = clusterWith({ status: 'CREATING' });
    await expect(inAccount({ cluster: creating }, () => describe())).rejects.toThrow(
      'production is CREATING and has no endpoint yet: wait until it is ACTIVE.',
    );
  });
});

/** A profile whose credentials the SDK gets from IAM Identity Center, with the token of a sign-in. */
function signedIn(): void {
  const home = temporaryFolder();
  const cache = join(home, '.aws/sso/cache');
  mkdirSync(cache, { recursive: true });
  const session = createHash('sha1').update('company').digest('hex');
  writeFileSync(
    join(cache, `${session}.json`),
    JSON.stringify({ accessToken: 'token', expiresAt: '2099-01-01T00:00:00Z' }),
  );
  writeFileSync(
    join(home, '.aws/config'),
    `[profile company]
sso_session = company
sso_account_id = 111122223333
sso_role_name = deployer
[sso-session company]
sso_region = eu-central-1
sso_start_url = https://company.awsapps.com/start
`,
  );
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_PROFILE', 'company');
}

describe('the command', () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['cli/main.ts', 'configure', ...args]);

  test('writes an entry that synthesizes, and says what comes next', async () => {
    const file = join(temporaryFolder(), 'clusters.json');
    const { stdout } = await inAccount({}, () =>
      run('--cluster', 'production', '--region', 'eu-central-1', '--file', file),
    );
    expect(stdout).toContain('subnet-00000000000000001 in eu-central-1a: private, out through NAT');
    expect(stdout).toContain(
      '! the alarms notify nobody: run this again with --topic ARN or --email ADDRESS',
    );
    const [entry] = readConfiguration(file);
    expect(entry).toMatchObject({ account: '111122223333', access: 'access-entry' });
    if (entry) checkedTemplate(new CniMetricsStack(checkedApp(), { ...entry, alarms: false }, INLINE_CODE));
  });

  test('names no manifest where the function does not use the cluster', async () => {
    const file = join(temporaryFolder(), 'clusters.json');
    const cluster = clusterWith({ computeConfig: { enabled: true } });
    const { stdout } = await inAccount({ cluster, instances: [] }, () =>
      run('--cluster', 'production', '--region', 'eu-central-1', '--file', file),
    );
    expect(stdout).toContain('PODS: none');
    expect(stdout).toContain('Next:\n  npx cdk bootstrap');
  });

  test.each(['EKS', 'EC2', 'SSO'])(
    'NODE_TLS_REJECT_UNAUTHORIZED=0 makes it believe nobody else as %s',
    async (service) => {
      const file = join(temporaryFolder(), 'clusters.json');
      const requests: string[] = [];
      const { access } = await startServer(
        (request, response) => {
          requests.push(request.url);
          response.end('{}');
        },
        { protocol: 'http/1.1' },
      );
      const failure = inAccount({}, () => {
        vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, access.endpoint.url.origin);
        vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
        if (service === 'SSO') signedIn();
        return run('--cluster', 'production', '--region', 'eu-central-1', '--file', file);
      });
      await expect(failure).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('unable to verify the first certificate'),
      });
      expect(requests).toEqual([]);
    },
  );

  test('shows what AWS returns in printable characters', async () => {
    const file = join(temporaryFolder(), 'clusters.json');
    const cluster = clusterWith({ version: '1.34\x9b2J\u202e', status: 'CREATING\x9b31m' });
    const { stdout } = await inAccount({ cluster }, () =>
      run('--cluster', 'production', '--region', 'eu-central-1', '--file', file),
    );
    expect(stdout).toContain(String.raw`Kubernetes 1.34\u{9b}2J\u{202e}, in`);
    expect(stdout).toContain(String.raw`! the cluster is CREATING\u{9b}31m, not ACTIVE`);
    expect(stdout).not.toMatch(/[^\n\P{C}]/u);
  });

  test('takes the region from the environment, and names the file in the next commands', async () => {
    const file = join(temporaryFolder(), 'mine.json');
    const { stdout } = await inAccount({}, () => {
      vi.stubEnv('AWS_REGION', 'eu-central-1');
      return run('--cluster', 'production', '--file', file, '--email', 'on-call@example.com');
    });
    expect(stdout).not.toContain('notify nobody');
    expect(stdout).toContain(`kubectl apply -f infra/rbac.yaml
  npx cdk bootstrap aws://111122223333/eu-central-1
  npm run deploy -- -c config=${file}`);
    expect(readConfiguration(file)[0]?.alarms).toEqual({ email: 'on-call@example.com' });
  });

  test('an entry that reads the nodes directly stays so without --direct', async () => {
    const file = join(temporaryFolder(), 'clusters.json');
    const args = ['--cluster', 'production', '--region', 'eu-central-1', '--file', file];
    const cluster = clusterWith({ logging: { clusterLogging: [{ types: ['audit'], enabled: true }] } });
    await inAccount({ cluster }, async () => {
      const first = await run(...args, '--direct');
      const entry = readConfiguration(file);
      expect(entry[0]?.settings).toMatchObject({ SCRAPE_VIA: 'node' });
      expect(entry[0]?.settings).not.toHaveProperty('METRIC_UPDATE_INTERVAL');
      expect(first.stdout).toContain('kubectl apply -f infra/rbac-node.yaml');
      expect(await run(...args)).toEqual(first);
      expect(readConfiguration(file)).toEqual(entry);
      const { code, stderr } = await run(...args, '--open-metrics-port').catch((error) => error);
      expect(code).toBe(2);
      expect(stderr).toContain(`${file} has SCRAPE_VIA: node`);
    });
  });

  test.each([
    [['--region', 'eu-central-1'], '--cluster is missing.'],
    [['--cluster', 'production', '--zone', 'x'], "Unknown option '--zone'"],
  ])('a wrong call ends with 2 and names the fault alone: %j', async (args, fault) => {
    const { code, stderr } = await run(...args).catch((error) => error);
    expect(code).toBe(2);
    expect(stderr).toContain(fault);
    expect(stderr).not.toContain('Asks EKS');
  });

  test('shows its options on request', async () => {
    expect((await run('-h')).stdout).toContain('--warning-topic ARN');
  });
});
