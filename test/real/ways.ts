import type { ScrapeWay } from '../../lambda/contract.ts';
import { LISTER, READER } from './cluster.ts';
import type { RealFunctionOptions } from './function.ts';
import { NETWORKS } from './network.ts';

const { local, dropped, unroutable } = NETWORKS;
const NODE_CIDRS = [local, dropped, unroutable].map((network) => `${network}.0.0/16`).join();

/** The function as a deployment with each setting has it. */
export const FUNCTIONS = {
  'api-server': { principal: READER },
  node: { principal: LISTER, environment: { SCRAPE_VIA: 'node', NODE_CIDRS } },
} as const satisfies Record<ScrapeWay, RealFunctionOptions>;
