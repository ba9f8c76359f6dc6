import { expect, onTestFinished, test } from 'vitest';
import { startEc2 } from '../../local/aws/ec2.ts';
import type { Ec2Action, Ec2Resource } from '../../local/aws/ec2-action.ts';
import { vpcActions } from '../../local/aws/vpc.ts';
import { CLUSTER_NAME, type EmbeddedCluster, startEmbeddedCluster } from '../../local/embedded-cluster.ts';
import { MAX_CPU_MS, NODES } from './hostile-cluster.ts';
import { startFunction } from './start-function.ts';

const NOW = Date.UTC(2026, 10, 22, 14);
/** As long as EC2 accepts it, and at its end a character of two halves. */
const HOSTILE = `\x9b31m\u202e${'x'.repeat(249)}\u{1f600}`;
/** As many as EC2 accepts. */
const TAGS = Array.from({ length: 47 }, (_, index) => ({
  key: `${HOSTILE.slice(0, 100)}${index}`,
  value: HOSTILE,
}));
const NAMES = ['cluster.k8s.amazonaws.com/name', 'eks:cluster-name', 'CLUSTER_ID'];

const EMPTY: Ec2Action = { set: '', resources: () => [] };

/** The same resources, each tag set with these as well. */
const tagged = (action = EMPTY, extend: (resource: Ec2Resource) => Ec2Resource): Ec2Action => ({
  ...action,
  resources: () => action.resources().map(extend),
});

/** EC2 with other answers, until the test ends. @returns its address */
async function startEc2With(
  { environment, fleet }: EmbeddedCluster,
  change: (actions: Readonly<Record<string, Ec2Action>>) => Readonly<Record<string, Ec2Action>>,
): Promise<string> {
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID: accessKeyId = '' } = environment;
  const { AWS_SECRET_ACCESS_KEY: secretAccessKey = '', AWS_SESSION_TOKEN: sessionToken = '' } = environment;
  const actions = vpcActions(fleet, CLUSTER_NAME);
  const ec2 = await startEc2(
    { region, keys: new Map([[accessKeyId, { accessKeyId, secretAccessKey, sessionToken }]]) },
    { ...actions, ...change(actions) },
  );
  onTestFinished(() => ec2.close());
  return ec2.url;
}

test('tags of instances and interfaces neither rename the metrics nor act on a terminal nor fill the report', async () => {
  const cluster = await startEmbeddedCluster({ nodes: NODES, seed: 7, now: NOW });
  onTestFinished(() => cluster.close());
  const { environment, fleet } = cluster;
  const more = [...TAGS, ...NAMES.map((key) => ({ key, value: HOSTILE }))];
  const url = await startEc2With(cluster, (actions) => ({
    DescribeNetworkInterfaces: tagged(actions.DescribeNetworkInterfaces, (resource) => ({
      ...resource,
      xml: { ...Object(resource.xml), tagSet: more },
    })),
    DescribeInstances: tagged(actions.DescribeInstances, (resource) => ({
      ...resource,
      xml: { instancesSet: [{ ...Object(resource.xml).instancesSet[0], tagSet: more }] },
    })),
  }));
  await using process = startFunction({
    ...environment,
    AWS_ENDPOINT_URL_EC2: url,
    CLUSTER_ID_FROM: 'ec2-tags',
  });
  for (let minute = 1; minute <= 2; minute += 1) {
    fleet.advance(60_000);
    const now = fleet.now();
    const { report, log, cpuMs } = await process.invoke(
      JSON.stringify({ scheduledTime: new Date(now) }),
      now,
    );
    expect(report).toMatchObject({
      clusterId: CLUSTER_NAME,
      pods: { found: NODES, read: NODES, failures: [] },
    });
    if (minute > 1) expect(JSON.stringify(report?.addresses)).toContain('u{9b}31m');
    // What a cycle finds out about the interfaces, the next one reports.
    expect(report?.addresses?.subnets.length ?? 0).toBe(minute === 1 ? 0 : 3);
    expect(`${JSON.stringify(report)}${log.map((line) => line.trimEnd()).join('')}`).not.toMatch(
      /[\p{C}\p{Zl}\p{Zp}]/u,
    );
    expect(log.join('').length).toBeLessThan(20_000);
    // The first one is a cold start.
    if (minute > 1) expect(cpuMs).toBeLessThan(MAX_CPU_MS);
  }
});

test('1,000 interfaces with the longest tags do not use up the memory of the function', async () => {
  const cluster = await startEmbeddedCluster({ nodes: NODES, seed: 7, now: NOW });
  onTestFinished(() => cluster.close());
  const { environment, fleet } = cluster;
  // XML writes a quotation mark in several characters, and one character that is not Latin doubles the memory of the text.
  const tagSet = Array.from({ length: 50 }, (_, index) => ({
    key: `${'"'.repeat(126)}${index}`,
    value: `${'"'.repeat(255)}語`,
  }));
  const url = await startEc2With(cluster, ({ DescribeNetworkInterfaces: { set, resources } = EMPTY }) => ({
    DescribeNetworkInterfaces: {
      set,
      resources: () =>
        resources()
          .slice(0, 1)
          .flatMap((resource) =>
            Array.from({ length: 1_000 }, (_, index) => ({
              ...resource,
              xml: { ...Object(resource.xml), networkInterfaceId: `eni-${index}`, tagSet },
            })),
          ),
    },
  }));
  await using process = startFunction({ ...environment, AWS_ENDPOINT_URL_EC2: url });
  for (let minute = 1; minute <= 2; minute += 1) {
    fleet.advance(60_000);
    const now = fleet.now();
    const { report } = await process.invoke(JSON.stringify({ scheduledTime: new Date(now) }), now);
    expect(report?.pods).toMatchObject({ found: NODES, read: NODES, failures: [] });
    // What a cycle finds out about the interfaces, the next one reports.
    if (minute > 1) expect(report?.addresses).toBeDefined();
  }
}, 60_000);
