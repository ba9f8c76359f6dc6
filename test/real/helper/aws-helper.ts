import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ADMIN_TOKEN } from '../api-server-flags.ts';
import type { RealCluster } from '../cluster.ts';

/** AWS's cni-metrics-helper, which polls only when it is asked to. */
export interface AwsHelper extends AsyncDisposable {
  /**
   * Lets it poll once.
   * @returns what the pods answered it, in its own order: values by series
   * @throws Error where it polled again before it was stopped
   */
  poll(): Promise<readonly HelperAnswer[]>;
  /** Lets it go on until `isDone`, so that it sends what it has collected. */
  runUntil(isDone: () => boolean): Promise<void>;
}

export type HelperAnswer = Readonly<Record<string, number>>;

const INTERVAL_SECONDS = 2;

/** Lines of its log: a poll begins; a pod has answered; all are read and the first metric is handed over. */
const BEGINS = 'Collecting metrics';
const ANSWERED = 'cni-metrics text output: ';
const IS_READ = 'Fetching CloudWatch dimensions';

/** @param cloudwatch URL */
export function startAwsHelper(cluster: RealCluster, cloudwatch: string): AwsHelper {
  const child = spawn(cluster.parts['cni-metrics-helper'], [], {
    env: {
      KUBECONFIG: writeKubeconfig(cluster),
      USE_CLOUDWATCH: 'yes',
      METRIC_UPDATE_INTERVAL: String(INTERVAL_SECONDS),
      AWS_CLUSTER_ID: cluster.clusterName,
      // So that the answers of the pods are in its log.
      AWS_VPC_K8S_CNI_LOGLEVEL: 'DEBUG',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIAHELPER0000000001',
      AWS_SECRET_ACCESS_KEY: 'helper-secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_CLOUDWATCH: cloudwatch,
      AWS_DISABLE_REQUEST_COMPRESSION: 'true',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let [polls, begun, read] = [0, 0, 0];
  let answers: HelperAnswer[] = [];
  const lines = createInterface({ input: child.stdout }).on('line', (line) => {
    const { msg = '' } = JSON.parse(line);
    if (msg.startsWith(BEGINS)) {
      begun += 1;
      answers = [];
    }
    if (msg.startsWith(ANSWERED)) answers.push(seriesOf(msg.slice(ANSWERED.length)));
    if (msg === IS_READ) read = begun;
  });
  /** Looks at each line of the log. */
  const until = async (condition: () => boolean) => {
    while (!condition()) await once(lines, 'line');
  };
  return {
    async poll() {
      polls += 1;
      child.kill('SIGCONT');
      await until(() => read >= polls);
      // It does nothing until it continues, however long that takes; its timer then fires at once.
      child.kill('SIGSTOP');
      if (begun > polls) throw new Error('the helper polled again before it was stopped');
      return answers;
    },
    async runUntil(isDone) {
      child.kill('SIGCONT');
      await until(isDone);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** The values of a text of ipamd. */
const seriesOf = (text: string): HelperAnswer =>
  Object.fromEntries(
    [...text.matchAll(/^(awscni_.+) (\S+)$/gm)].map(([, series = '', value]) => [series, Number(value)]),
  );

/** @returns the file */
function writeKubeconfig({ endpoint, folder }: RealCluster): string {
  const file = join(folder, 'helper.kubeconfig');
  const name = 'real';
  // YAML reads JSON.
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: endpoint, 'certificate-authority': join(folder, 'ca.crt') } }],
    users: [{ name, user: { token: ADMIN_TOKEN } }],
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
