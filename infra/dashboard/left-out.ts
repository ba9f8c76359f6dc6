import type { MetricName } from '../../lambda/contract.ts';

/** Published metrics that the dashboard does not show, and why. */
export const LEFT_OUT: Partial<Record<MetricName, string>> = {
  totalAssignedIPv4sPerCidr: 'the same addresses as assignIPAddresses, counted by CIDR',
  totalIPv4Prefixes: 'the addresses of prefixes are in totalIPAddresses; only prefix delegation has any',
  sagemakerApiReqCount: 'published only by clusters with SageMaker HyperPod nodes',
  sagemakerApiErrCount: 'published only by clusters with SageMaker HyperPod nodes',
};
