import { describeContract } from '../contract/contract.ts';
import { realContractCluster } from '../contract/real-cluster.ts';
import { describeReal } from '../suite.ts';

describeReal('the real API server keeps the contract', (cluster) => {
  describeContract(() => realContractCluster(cluster()));
});
