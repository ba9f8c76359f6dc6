/** What the package exports. */
export { CniMetrics, type CniMetricsProps, type ForClusterProps } from './cni-metrics.ts';
export { type Entry, readConfiguration } from './config.ts';
export type { FunctionOptions } from './function.ts';
export type { AlarmOptions, ClusterIdentity, CniMetricsOptions } from './options.ts';
export type { Settings } from './settings.ts';
export { CniMetricsStack } from './stack.ts';
