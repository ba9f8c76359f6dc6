import { beforeAll, expect, test } from 'vitest';
import { SCRAPE_WAYS } from '../../../lambda/contract.ts';
import { startRealFunction } from '../function.ts';
import { NETWORKS } from '../network.ts';
import { containerStatus, createPod, terminatePod } from '../pods.ts';
import { describeReal } from '../suite.ts';
import { FUNCTIONS } from '../ways.ts';

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
  outside: 'port-unreachable',
  linklocal: 'pod-without-address',
  loopback: 'pod-without-address',
  addressless: 'pod-without-address',
  crashlooping: 'port-refused',
  terminating: 'read',
} as const satisfies Record<string, unknown>;

type Trouble = keyof typeof TROUBLES;

/** What the report calls it where that depends on who connects to the pod. */
const CAUSES = {
  'api-server': {},
  node: {
    dropped: 'node-unreachable',
    unroutable: 'node-unreachable',
    hanging: 'node-slow',
    slow: 'node-slow',
    outside: 'address-refused',
    linklocal: 'address-refused',
    loopback: 'address-refused',
  },
} as const;

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

/** Where the other addresses are; the local ones answer as `MODES` says. */
const PLACES = {
  dropped: `${NETWORKS.dropped}.0.1`,
  unroutable: `${NETWORKS.unroutable}.0.1`,
  outside: `${NETWORKS.unknown}.0.1`,
  linklocal: '169.254.169.254',
  loopback: '127.0.0.1',
  addressless: '',
} as const satisfies Partial<Record<Trouble, string>>;

const addressOf = (trouble: Trouble, index: number): string =>
  trouble in PLACES ? PLACES[trouble as keyof typeof PLACES] : `${NETWORKS.local}.0.${index + 1}`;

describeReal('pods in trouble', (cluster) => {
  const names = Object.keys(TROUBLES) as Trouble[];
  beforeAll(async () => {
    const { admin, ipamd } = cluster();
    for (const [index, trouble] of names.entries()) {
      const ip = addressOf(trouble, index);
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
  });

  test.each(SCRAPE_WAYS)('are distinguished via %s, and do not affect other pods', async (via) => {
    await using lambda = await startRealFunction(cluster(), FUNCTIONS[via]);
    const { pods, podLines = [] } = await lambda.cycle({ verbose: true });
    const seen = podLines.map((line) => /^aws-node-(\S+) on node-\d+: ([a-z-]+)/.exec(line)?.slice(1) ?? []);
    expect(Object.fromEntries(seen)).toEqual({ ...TROUBLES, ...CAUSES[via] });
    const read = seen.filter(([, result]) => result === 'read');
    expect([pods.found, pods.read]).toEqual([names.length, read.length]);
    expect(read.map(([name]) => name)).toEqual(['healthy', 'terminating']);
  });
});
