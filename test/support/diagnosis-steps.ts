/** The steps of a diagnosis from the configuration to the pods, in their order. */
export const PATH = [
  'configuration',
  'credentials',
  'describe-cluster',
  'dns',
  'tcp',
  'tls',
  'clock',
  'authentication',
  'authorization',
  'pods',
  'scrape-one',
  'scrape-all',
] as const;

/** Those that do not depend on the steps before. */
export const SERVICES = ['cloudwatch', 'state', 'ec2'] as const;
