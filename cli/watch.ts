import type { Command } from './command.ts';
import { contextName, parseOptions, wholeNumber } from './command-line.ts';
import { realCluster } from './real-cluster.ts';
import { showCycles } from './terminal/show-cycles.ts';

/** `watch`: the collector on a cluster of the kubeconfig. */
export const WATCH: Command = {
  usage: {
    synopsis: 'eks-cni-metrics watch --context NAME [options]',
    about:
      'Reads a cluster of your kubeconfig until Ctrl-C. It lists the aws-node pods and reads their metrics, and changes and publishes nothing.',
    tables: [
      {
        title: 'options',
        rows: [
          ['--context NAME', 'a context of the kubeconfig'],
          ['--every SECONDS', 'from one cycle to the next, 1 to 3600 (default 10)'],
          ['--once', 'two cycles, then the end'],
          ['--json', 'the last report, or why the cycle failed, as JSON on stdout; logs on stderr'],
        ],
      },
    ],
  },
  async run(args) {
    const { context, every, once, json } = parseOptions(args, {
      context: { type: 'string' },
      every: { type: 'string', default: '10' },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const options = {
      context: contextName(context),
      everySeconds: wholeNumber('--every', every, 1, 3600),
    };
    const cluster = await realCluster(options, (line) => json && process.stderr.write(line));
    try {
      return await showCycles(cluster, { once, json });
    } finally {
      cluster.close();
    }
  },
};
