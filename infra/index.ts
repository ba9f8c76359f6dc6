/** What the package exports. */
export type { ForClusterProps } from './cluster-of-app.ts';
export { CniMetrics, type CniMetricsProps } from './cni-metrics.ts';
export { readConfiguration } from './config.ts';
export type { Entry } from './entry.ts';
export type { FunctionOptions } from './function.ts';
export type { AlarmOptions, ClusterOptions, CniMetricsOptions } from './options.ts';
export type { Settings } from './settings.ts';
export { CniMetricsStack } from './stack.ts';
