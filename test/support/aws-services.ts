import { onTestFinished, vi } from 'vitest';
import { startEc2 } from '../../local/aws/ec2.ts';
import type { Ec2Action } from '../../local/aws/ec2-action.ts';
import { type ClusterDescription, type ClusterLists, startEks } from '../../local/aws/eks.ts';
import type { AwsAccount, AwsEndpoint } from '../../local/aws/endpoint.ts';

/** Temporary credentials, as the function has them. */
export const KEY = {
  accessKeyId: 'ASIAEXAMPLE000000001',
  secretAccessKey: 'secret',
  sessionToken: 'session',
};
export const ACCOUNT: AwsAccount = { region: 'eu-central-1', keys: new Map([[KEY.accessKeyId, KEY]]) };

/** Puts the credentials into the environment until the test ends. */
export function stubKey(): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', KEY.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', KEY.secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', KEY.sessionToken);
}

/** EC2 on loopback, to which the environment points the SDK until the test ends. */
export async function ec2For(
  actions: Readonly<Record<string, Ec2Action>>,
  pageSize?: number,
): Promise<AwsEndpoint> {
  return point('EC2', await startEc2(ACCOUNT, actions, pageSize));
}

/** The same for EKS. @param describe called for each request */
export async function eksFor(describe: () => ClusterDescription, lists?: ClusterLists): Promise<AwsEndpoint> {
  return point('EKS', await startEks(ACCOUNT, describe, lists));
}

function point(service: 'EC2' | 'EKS', endpoint: AwsEndpoint): AwsEndpoint {
  vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, endpoint.url);
  stubKey();
  onTestFinished(endpoint.close);
  return endpoint;
}
