import { Aws } from 'aws-cdk-lib';
import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { POD_NAMESPACE, READER_GROUP } from '../lambda/contract.ts';

/**
 * How the cluster comes to know the function's role.
 * - `access-entry`: an access entry with the group of rbac.yaml; the cluster's mode must be API or API_AND_CONFIG_MAP.
 * - `admin-view-policy`: an access entry with AmazonEKSAdminViewPolicy in kube-system instead of rbac.yaml. No
 *   kubectl needed, at a price: the role may then read every Secret of kube-system.
 * - `aws-auth`: nothing here; the role is mapped by hand in the ConfigMap aws-auth (mode CONFIG_MAP).
 */
export const ACCESS_WAYS = ['access-entry', 'admin-view-policy', 'aws-auth'] as const;
export type AccessWay = (typeof ACCESS_WAYS)[number];

export interface ClusterAccessProps {
  readonly way: AccessWay;
  readonly clusterName: string;
  readonly role: IRole;
}

export class ClusterAccess extends Construct {
  constructor(scope: Construct, id: string, props: ClusterAccessProps) {
    super(scope, id);
    if (props.way === 'aws-auth') return;
    new CfnAccessEntry(this, 'Resource', {
      clusterName: props.clusterName,
      principalArn: props.role.roleArn,
      ...(props.way === 'access-entry'
        ? { kubernetesGroups: [READER_GROUP] }
        : {
            accessPolicies: [
              {
                policyArn: `arn:${Aws.PARTITION}:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy`,
                accessScope: { type: 'namespace', namespaces: [POD_NAMESPACE] },
              },
            ],
          }),
    });
  }
}
