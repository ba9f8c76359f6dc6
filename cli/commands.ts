import type { Command } from './command.ts';

interface Entry {
  readonly about: string;
  /** Each has dependencies that the others do without. */
  load(): Promise<Command>;
}

export const COMMANDS = {
  demo: {
    about: 'runs the collector against an EKS cluster simulated on this machine',
    load: async () => (await import('./demo.ts')).DEMO,
  },
  watch: {
    about: 'reads a cluster of your kubeconfig, cycle by cycle, and publishes nothing',
    load: async () => (await import('./watch.ts')).WATCH,
  },
  diagnose: {
    about: 'checks the path to a cluster of your kubeconfig, step by step',
    load: async () => (await import('./diagnose.ts')).DIAGNOSE,
  },
  configure: {
    about: 'asks EKS and EC2 about a cluster and writes clusters.json for the deployment',
    load: async () => (await import('./configure.ts')).CONFIGURE,
  },
} as const satisfies Record<string, Entry>;

export type CommandName = keyof typeof COMMANDS;
