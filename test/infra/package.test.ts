import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { ROOT } from '../support/documents.ts';
import { inAccount } from '../support/eks-account.ts';
import { startLambda } from '../support/lambda-runtime.ts';
import { temporaryFolder } from '../support/temporary-files.ts';

const exec = promisify(execFile);
const scratch = temporaryFolder();

const app = join(scratch, 'app');
let packed: { readonly filename: string; readonly files: readonly { readonly path: string }[] };

/** The package, packed and installed into an empty app. The CDK is linked: a test uses no registry. */
beforeAll(async () => {
  const directory = join(scratch, 'package');
  await exec(process.execPath, [join(ROOT, 'tools/package.ts'), directory]);
  const pack = await exec('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: directory });
  packed = JSON.parse(pack.stdout)[0];
  mkdirSync(app);
  const dependencies = {
    'eks-cni-metrics': `file:${join(scratch, packed.filename)}`,
    zod: `file:${join(ROOT, 'node_modules/zod')}`,
  };
  write('package.json', JSON.stringify({ private: true, type: 'module', dependencies }));
  cpSync(join(ROOT, 'examples'), join(app, 'examples'), { recursive: true });
  const options = ['--offline', '--legacy-peer-deps', '--no-audit', '--cache', join(scratch, 'cache')];
  await exec('npm', ['install', ...options], { cwd: app });
  mkdirSync(join(app, 'node_modules/@types'));
  for (const name of ['aws-cdk-lib', 'constructs', '@types/node'])
    symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name));
}, 120_000);

test('a folder of anything else is not emptied', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'thesis.txt'), 'three years');
  await expect(exec(process.execPath, [join(ROOT, 'tools/package.ts'), folder])).rejects.toMatchObject({
    code: 1,
    stderr: `${folder} is not empty and holds no earlier package: name another folder.\n`,
  });
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

const write = (file: string, text: string) => writeFileSync(join(app, file), text);
const COMMAND = 'node_modules/.bin/eks-cni-metrics';
const node = (...args: string[]) => exec(process.execPath, args, { cwd: app });

test('the manifest names what an app needs, and nothing that builds or tests the repository', () => {
  const manifest = JSON.parse(readFileSync(join(app, 'node_modules/eks-cni-metrics/package.json'), 'utf8'));
  expect(Object.keys(manifest.peerDependencies)).toEqual(['aws-cdk-lib', 'constructs']);
  expect(Object.keys(manifest.dependencies)).toEqual(['zod']);
  for (const field of ['devDependencies', 'optionalDependencies', 'scripts', 'private'])
    expect(manifest).not.toHaveProperty(field);
});

test('the tarball has compiled code, declarations, the built function, RBAC, and the legal notices', () => {
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'THIRD-PARTY-NOTICES.txt',
      'cli/main.mjs',
      'infra/rbac-node.yaml',
      'infra/rbac.yaml',
      'lib/index.js',
      'lib/lambda/index.mjs',
      'lib/lambda/THIRD-PARTY-NOTICES.txt',
      'types/infra/index.d.ts',
    ]),
  );
  expect(paths.filter((path) => /(?<!\.d)\.ts$|node_modules|^test|^local/.test(path))).toEqual([]);
});

test('the notices name what is bundled, with license texts', () => {
  const notices = (path: string) =>
    readFileSync(join(app, 'node_modules/eks-cni-metrics', path, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  expect(notices('lib/lambda')).toMatch(/^@aws-sdk\/client-cloudwatch .*\(Apache-2\.0\)$/m);
  expect(notices('lib/lambda')).not.toContain('@peculiar/x509');
  for (const text of [/^@peculiar\/x509 .*\(MIT\)$/m, 'Apache License', 'Permission is hereby granted'])
    expect(notices('.')).toMatch(text);
});

const BODY = `
const app = new App({ outdir: process.argv[2] });
const stack = new Stack(app, 'Own', { env: { account: '111122223333', region: 'eu-central-1' } });
const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-central-1a'] });
const subnet = Subnet.fromSubnetAttributes(stack, 'Subnet', {
  subnetId: 'subnet-0123456789abcdef0',
  availabilityZone: 'eu-central-1a',
  routeTableId: 'rtb-0123456789abcdef0',
});
new CniMetrics(stack, 'CniMetrics', {
  cluster: { name: 'production', securityGroupId: 'sg-0123456789abcdef0' },
  vpc,
  subnets: [subnet],
  settings: { METRIC_UPDATE_INTERVAL: 5 },
});
app.synth();
`;
const IMPORTS = `
import { App, Stack } from 'aws-cdk-lib';
import { Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { CniMetrics } from 'eks-cni-metrics';
`;
const EXAMPLES = globSync('examples/*/app.ts', { cwd: ROOT }).sort();

/** The function as the app's synthesis describes it, and the folder of its asset. */
function functionIn(out: string) {
  const read = (file: string) => JSON.parse(readFileSync(join(app, out, file), 'utf8'));
  const resources: { Type: string; Properties: Record<string, unknown> }[] = Object.values(
    read('Own.template.json').Resources,
  );
  const { Properties = {} } = resources.find(({ Type }) => Type === 'AWS::Lambda::Function') ?? {};
  const [hash = ''] = String(Object(Properties.Code).S3Key).split('.');
  return { Properties, asset: join(app, out, read('Own.assets.json').files[hash].source.path) };
}

describe("an app of one's own", () => {
  test('TypeScript compiles with strict alone, as CommonJS and as ESM, and so do the examples', async () => {
    write('commonjs.cts', IMPORTS + BODY);
    write('esm.mts', IMPORTS + BODY);
    const compilerOptions = { strict: true, module: 'nodenext', types: ['node'] };
    write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions, files: ['commonjs.cts', 'esm.mts', ...EXAMPLES] }),
    );
    await node(join(ROOT, 'node_modules/typescript/bin/tsc'), '--project', '.').catch(({ stdout }) => {
      throw new Error(stdout);
    });
    expect(readFileSync(join(app, 'commonjs.cjs'), 'utf8')).toContain('require("eks-cni-metrics")');
    expect(readFileSync(join(app, 'esm.mjs'), 'utf8')).toContain("from 'eks-cni-metrics'");
  }, 90_000);

  test.each([
    { kind: 'CommonJS', file: 'commonjs.cjs' },
    { kind: 'ESM', file: 'esm.mjs' },
  ])(
    'JavaScript, $kind: it synthesizes without a bundler, and the asset is the function',
    async ({ file }) => {
      await node(file, `out-${file}`);
      const { Properties, asset } = functionIn(`out-${file}`);
      expect(Properties.Handler).toBe('index.handler');
      expect(readdirSync(asset).sort()).toEqual(
        readdirSync(join(app, 'node_modules/eks-cni-metrics/lib/lambda')).sort(),
      );
    },
  );

  test("the asset runs under AWS's own runtime client", async () => {
    const { Properties, asset } = functionIn('out-esm.mjs');
    const root = join(scratch, 'task');
    cpSync(asset, root, { recursive: true });
    const cluster = await startEmbeddedCluster({ nodes: 5, seed: 3, now: Date.now() });
    onTestFinished(() => cluster.close());
    const deployed = { root, handler: String(Properties.Handler), memoryMb: 512, timeoutMs: 50_000 };
    const lambda = await startLambda(deployed, cluster);
    expect(await lambda.invoke({})).toMatchObject({
      pods: { found: 5, read: 5 },
      published: { requests: 1 },
    });
    expect(cluster.cloudwatch.puts).toHaveLength(1);
  });
});

test('a file that configure wrote becomes stacks of an app, and configure says so', async () => {
  cpSync(join(ROOT, 'clusters.example.json'), join(app, 'clusters.json'));
  write(
    'from-file.mjs',
    `import { App } from 'aws-cdk-lib';
import { CniMetricsStack, readConfiguration } from 'eks-cni-metrics';
const app = new App({ outdir: process.argv[2] });
for (const entry of readConfiguration('clusters.json')) new CniMetricsStack(app, entry);
app.synth();`,
  );
  await node('from-file.mjs', 'out-from-file');
  expect(readdirSync(join(app, 'out-from-file'))).toContain('cni-metrics-production.template.json');
  const { stdout } = await inAccount({}, () =>
    node(COMMAND, 'configure', '--cluster', 'production', '--region', 'eu-central-1'),
  );
  expect(stdout).toContain(`Next:
  kubectl apply -f node_modules/eks-cni-metrics/infra/rbac.yaml
  npx cdk bootstrap aws://111122223333/eu-central-1
  npx cdk deploy --all
`);
});

/** Topics that have a policy, which replaces the default one, and in it nothing that lets CloudWatch publish. */
const topicsClosedToAlarms = (template: { readonly Resources: object }): string[] =>
  Object.entries<{ readonly Type: string }>(Object(template.Resources))
    .filter(([, { Type }]) => Type === 'AWS::SNS::TopicPolicy')
    .filter(([, policy]) => !JSON.stringify(policy).includes('{"Service":"cloudwatch.amazonaws.com"}'))
    .map(([id]) => id);

describe('the examples', () => {
  test('are listed', () => {
    const text = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
    expect(EXAMPLES.length).toBeGreaterThan(3);
    expect(EXAMPLES.filter((file) => !text.includes(`](${file.replace('examples/', '')})`))).toEqual([]);
  });

  test.each(EXAMPLES)('%s synthesizes without credentials, errors or warnings', async (file) => {
    const out = join(app, 'out', file);
    const env = { ...process.env, CDK_OUTDIR: out };
    // The CDK runs an app like this; it reads the assembly when the process has ended.
    const { stderr } = await exec(process.execPath, [file], { cwd: app, env });
    const { artifacts, missing } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    const templates = Object.values(artifacts).flatMap((artifact) => {
      const { templateFile } = Object(Object(artifact).properties);
      return templateFile ? [readFileSync(join(out, templateFile), 'utf8')] : [];
    });
    expect(templates.join()).toContain('"AWS::Scheduler::Schedule"');
    expect(templates.flatMap((template) => topicsClosedToAlarms(JSON.parse(template)))).toEqual([]);
    // A look-up would need credentials.
    expect(missing).toBeUndefined();
    expect(JSON.stringify(artifacts)).not.toMatch(/aws:cdk:(error|warning)/);
    expect(stderr.replaceAll(/^.*ExperimentalWarning.*$|^\(Use `node --trace.*$/gm, '').trim()).toBe('');
  });
});

describe('the command line', () => {
  const cli = (...args: string[]) => node(COMMAND, ...args);

  test('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(await cli('--version')).toEqual({ stdout: `${version}\n`, stderr: '' });
  });

  test('runs the demo', async () => {
    const { stdout, stderr } = await cli('demo', '--once', '--nodes', '3');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Cycle 2 .* 3 of 3 pods read/m);
  });

  test.each(['configure', 'diagnose', 'watch'])('has the command %s', async (name) => {
    const { stdout } = await cli(name, '--help');
    expect(stdout).toMatch(new RegExp(`^usage: eks-cni-metrics ${name} `));
  });
});
