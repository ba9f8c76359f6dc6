import { probes } from '../lambda/adapters/probes/probes.ts';
import { SYSTEM_CLOCK } from '../lambda/adapters/system-clock.ts';
import { parseConfig } from '../lambda/config.ts';
import { Deadline } from '../lambda/deadline.ts';
import { type Diagnosable, type Diagnosis, diagnose } from '../lambda/diagnose/diagnose.ts';
import { ok } from '../lambda/diagnose/step-result.ts';
import type { StepName } from '../lambda/diagnose/steps.ts';
import type { Command } from './command.ts';
import { contextName, parseOptions } from './command-line.ts';
import { type KubeCluster, kubeCluster } from './kube-cluster.ts';
import { stepForKubeconfig } from './remedies.ts';
import { renderDiagnosis } from './terminal/diagnosis-table.ts';
import { widthOf } from './terminal/width.ts';

/** Enough for every step to use its own limit. */
const TIMEOUT_MS = 120_000;

/** Steps about the function alone: its settings and its AWS services. */
const OF_FUNCTION: readonly StepName[] = [
  'configuration',
  'credentials',
  'describe-cluster',
  'cloudwatch',
  'state',
  'ec2',
  'addresses',
];

/** `diagnose`: the path from this machine to every aws-node pod. */
export const DIAGNOSE: Command = {
  usage: {
    synopsis: 'eks-cni-metrics diagnose --context NAME [--json]',
    about:
      'Checks the path from this machine to every aws-node pod of a cluster of your kubeconfig, step by step, and prints a remedy for what is broken. It changes nothing. The function itself is diagnosed with its event {"diagnose":true}.',
    tables: [
      {
        title: 'options',
        rows: [
          ['--context NAME', 'a context of the kubeconfig'],
          ['--json', 'the diagnosis as JSON'],
        ],
      },
    ],
  },
  async run(args) {
    const { context, json } = parseOptions(args, {
      context: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const diagnosis = await diagnoseContext(contextName(context));
    process.stdout.write(
      json
        ? `${JSON.stringify(diagnosis, undefined, 2)}\n`
        : `${renderDiagnosis(diagnosis, widthOf(process.stdout))}\n`,
    );
    return diagnosis.healthy ? 0 : 1;
  },
};

/**
 * The steps of the diagnosis that a person with a kubeconfig can take.
 * @throws CollectorError for what the kubeconfig leads to
 */
async function diagnoseContext(context: string): Promise<Diagnosis> {
  const cluster = await kubeCluster(context);
  const deadline = Deadline.in(TIMEOUT_MS, SYSTEM_CLOCK);
  const { healthy, steps } = await diagnose(diagnosable(cluster), { deadline, verbose: false });
  return {
    healthy,
    steps: steps
      .filter(({ name }) => !OF_FUNCTION.includes(name))
      .map((step) => stepForKubeconfig(step, context)),
  };
}

function diagnosable({ name, endpoint, credentials }: KubeCluster): Diagnosable {
  return {
    // Of the function's settings, only the defaults of the scrape count here.
    config: () => ({
      ...parseConfig({ CLUSTER_NAME: 'kubeconfig', USE_CLOUDWATCH: 'no' }),
      clusterName: name,
      endpoint,
    }),
    credentials: async () =>
      ok('those of the kubeconfig', { role: undefined, known: 'the credentials of the kubeconfig' }),
    probes: () =>
      probes({
        clusterName: name,
        region: '',
        credentials,
        publishing: undefined,
        state: undefined,
        subnets: undefined,
        holdings: undefined,
        scrapeVia: 'api-server',
        nodes: undefined,
        clusterIds: undefined,
        clock: SYSTEM_CLOCK,
      }),
    clock: SYSTEM_CLOCK,
  };
}
