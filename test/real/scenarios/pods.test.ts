import { expect, test } from 'vitest';
import { startRealFunction } from '../function.ts';
import { NETWORKS } from '../network.ts';
import { containerStatus, createPod, terminatePod } from '../pods.ts';
import { describeReal } from '../suite.ts';

/** What is wrong with a pod, and what the report calls it. */
const TROUBLES = {
  healthy: 'read',
  refused: 'port-refused',
  dropped: 'scrape-timeout',
  unroutable: 'port-unreachable',
  hanging: 'scrape-timeout',
  slow: 'scrape-timeout',
  huge: 'answer-too-large',
  html: 'unparsable',
  own404: 'not-ipamd',
  own500: 'bad-status',
  redirect: 'not-ipamd',
  cut: 'answer-incomplete',
  reset: 'answer-incomplete',
  nothttp: 'not-ipamd',
  addressless: 'pod-without-address',
  crashlooping: 'port-refused',
  terminating: 'read',
} as const satisfies Record<string, unknown>;

type Trouble = keyof typeof TROUBLES;

const MODES = {
  healthy: '',
  refused: 'closed',
  hanging: 'hang',
  slow: 'slow',
  huge: 'huge',
  html: 'garbage',
  own404: '404',
  own500: '500',
  redirect: 'redirect',
  cut: 'cut',
  reset: 'reset',
  nothttp: 'not-http',
  crashlooping: 'closed',
  terminating: '',
} as const satisfies Partial<Record<Trouble, unknown>>;

describeReal('pods in trouble', (cluster) => {
  test('are distinguished, and do not affect other pods', async () => {
    const { admin, ipamd } = cluster();
    const names = Object.keys(TROUBLES) as Trouble[];
    for (const [index, trouble] of names.entries()) {
      const network = trouble === 'dropped' || trouble === 'unroutable' ? NETWORKS[trouble] : NETWORKS.local;
      const ip = trouble === 'addressless' ? '' : `${network}.0.${index + 1}`;
      if (trouble in MODES) await ipamd.set({ [ip]: { mode: MODES[trouble as keyof typeof MODES] } });
      const crashing = containerStatus('aws-node', {
        ready: false,
        restartCount: 12,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
      });
      await createPod(admin, {
        name: `aws-node-${trouble}`,
        ip,
        node: `node-${index}`,
        ...(trouble === 'crashlooping' && { status: { containerStatuses: [crashing] } }),
      });
      if (trouble === 'terminating') await terminatePod(admin, `aws-node-${trouble}`);
    }
    await using lambda = await startRealFunction(cluster());
    const { pods, podLines = [] } = await lambda.cycle({ verbose: true });
    const seen = podLines.map((line) => /^aws-node-(\S+) on node-\d+: ([a-z-]+)/.exec(line)?.slice(1) ?? []);
    expect(Object.fromEntries(seen)).toEqual(TROUBLES);
    const read = seen.filter(([, result]) => result === 'read');
    expect([pods.found, pods.read]).toEqual([names.length, read.length]);
    expect(read.map(([name]) => name)).toEqual(['healthy', 'terminating']);
  });
});
