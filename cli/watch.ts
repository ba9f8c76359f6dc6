import { styleText } from 'node:util';
import { SYSTEM_CLOCK } from '../lambda/adapters/system-clock.ts';
import type { Command } from './command.ts';
import { contextName, parseOptions, wholeNumber } from './command-line.ts';
import { realCluster } from './real-cluster.ts';
import { type Subject, showCycles } from './terminal/show-cycles.ts';

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
          ['--port N', 'of the page, or the next free one (default 8080)'],
          ['--no-page', 'serve no page'],
          ['--once', 'two cycles, then the end'],
          ['--json', 'the last report, or why the cycle failed, as JSON on stdout; logs on stderr'],
        ],
      },
    ],
  },
  async run(args) {
    const {
      context,
      every,
      once,
      json,
      port,
      'no-page': noPage,
    } = parseOptions(args, {
      context: { type: 'string' },
      every: { type: 'string', default: '10' },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '8080' },
      'no-page': { type: 'boolean', default: false },
    });
    const firstPort = wholeNumber('--port', port, 0, 65_535);
    const options = {
      context: contextName(context),
      everySeconds: wholeNumber('--every', every, 1, 3600),
    };
    const cluster = await realCluster(options, (line) => json && process.stderr.write(line));
    try {
      if (once || json || noPage) return await showCycles(cluster, { once, json });
      return await withPage(cluster, firstPort);
    } finally {
      cluster.close();
    }
  },
};

/** Shows the cycles in the terminal and on a page. */
async function withPage(cluster: Subject & { readonly name: string }, port: number): Promise<number> {
  const { startLivePage } = await import('../local/page/live-page.ts');
  const page = await startLivePage(cluster.name, port);
  const watched: Subject = {
    ...cluster,
    introduction: [styleText('bold', page.url), ...cluster.introduction],
    async cycle(stopped) {
      const started = SYSTEM_CLOCK.elapsed();
      const result = await cluster.cycle(stopped);
      const durationMs = SYSTEM_CLOCK.elapsed() - started;
      page.add({ report: result.report, failure: result.failure?.message, durationMs });
      return result;
    },
  };
  try {
    return await showCycles(watched, { once: false, json: false });
  } finally {
    await page.close();
  }
}
