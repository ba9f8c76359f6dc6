import { describe } from 'vitest';
import { describeContract } from './contract.ts';
import { embeddedContractCluster } from './embedded-cluster.ts';

describe('the embedded API server keeps the contract', () => {
  describeContract(embeddedContractCluster);
});
