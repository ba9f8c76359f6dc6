/** From the name of the API server to the last pod: spelled out, so that a step that is lost or moved is noticed. */
export const PATH_TO_PODS = [
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

/** The steps of a diagnosis from the configuration to the pods, in their order. */
export const PATH = ['configuration', 'credentials', 'describe-cluster', ...PATH_TO_PODS] as const;

/** Those that do not depend on the steps before. */
export const SERVICES = ['cloudwatch', 'state', 'ec2', 'addresses'] as const;
