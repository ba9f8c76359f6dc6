import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startRealFunction } from '../function.ts';
import { createReadablePods } from '../readable-pods.ts';
import { describeReal } from '../suite.ts';
import { FUNCTIONS } from '../ways.ts';

const PODS = 5;
/** As EKS's, for every request. */
const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource: string; readonly subresource?: string };
}

describeReal('the audit log', (cluster) => {
  const log = () => join(cluster().folder, 'audit.log');
  beforeAll(async () => {
    const { apiServer, folder } = cluster();
    const policy = join(folder, 'audit-policy.json');
    writeFileSync(policy, JSON.stringify(POLICY));
    await createReadablePods(cluster(), PODS);
    await apiServer.stop();
    // An event is written before its request is answered.
    await apiServer.start(
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${log()}`,
      '--audit-log-mode=blocking-strict',
    );
  });

  /** What it holds of a function, by stage, verb and resource. */
  function eventsOf(user: string): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const line of readFileSync(log(), 'utf8').trimEnd().split('\n')) {
      const {
        stage,
        verb,
        user: { username },
        objectRef,
      }: AuditEvent = JSON.parse(line);
      if (username !== user) continue;
      const resource = [objectRef?.resource, objectRef?.subresource].filter(Boolean).join('/');
      const event = `${stage} ${verb} ${resource}`;
      counts[event] = (counts[event] ?? 0) + 1;
    }
    return counts;
  }

  test.each([
    ['node', { 'ResponseComplete list pods': 2 }],
    [
      'api-server',
      {
        'ResponseComplete list pods': 2,
        'ResponseStarted get pods/proxy': 2 * PODS,
        'ResponseComplete get pods/proxy': 2 * PODS,
      },
    ],
  ] as const)('of two cycles via %s', async (via, events) => {
    await using lambda = await startRealFunction(cluster(), FUNCTIONS[via]);
    for (const dryRun of [false, true])
      expect(await lambda.cycle({ dryRun })).toMatchObject({ pods: { read: PODS, failed: 0 } });
    expect(eventsOf(FUNCTIONS[via].principal.arn)).toEqual(events);
  });
});
