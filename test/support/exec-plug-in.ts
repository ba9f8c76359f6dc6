/**
 * An exec plug-in of a kubeconfig, as `aws eks get-token` is one: prints an ExecCredential with an EKS token.
 * It adds a line to the file RUNS at each run; the n-th signs at the n-th of the times in SIGNED_AT.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { eksToken } from '../../lambda/adapters/aws/eks-token.ts';

const { RUNS = '', SIGNED_AT = '', CLUSTER = '', REGION = '', KEY = '' } = process.env;
appendFileSync(RUNS, 'run\n');
const run = readFileSync(RUNS, 'utf8').split('\n').length - 1;
const now = () => Number(SIGNED_AT.split(' ')[run - 1]);
const token = eksToken({
  clusterName: CLUSTER,
  region: REGION,
  credentials: async () => JSON.parse(KEY),
  clock: { now },
});
const header = await token.authorization();
console.log(
  JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    kind: 'ExecCredential',
    // In the clock of a test long over, or far ahead: who relies on it asks at the wrong times.
    status: { token: header.replace('Bearer ', ''), expirationTimestamp: '2100-01-01T00:00:00Z' },
  }),
);
