import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { CLUSTER_ACCESS, type ScrapeWay } from '../lambda/contract.ts';

/**
 * How the cluster maps the function's role to the group of rbac.yaml (of rbac-node.yaml with SCRAPE_VIA=node).
 * - `access-entry`: by an access entry; the cluster's authentication mode must be API or API_AND_CONFIG_MAP.
 * - `aws-auth`: the stack does nothing; the role is mapped by hand in the ConfigMap aws-auth (mode CONFIG_MAP).
 */
export const ACCESS_WAYS = ['access-entry', 'aws-auth'] as const;
export type AccessWay = (typeof ACCESS_WAYS)[number];

interface ClusterAccessProps {
  /** Undefined: the function does not use the cluster. */
  readonly way: AccessWay | undefined;
  readonly clusterName: string;
  readonly role: IRole;
  readonly scrapeVia: ScrapeWay;
}

export class ClusterAccess extends Construct {
  constructor(scope: Construct, id: string, { way, clusterName, role, scrapeVia }: ClusterAccessProps) {
    super(scope, id);
    if (way === 'access-entry')
      new CfnAccessEntry(this, 'Resource', {
        clusterName,
        principalArn: role.roleArn,
        kubernetesGroups: [CLUSTER_ACCESS[scrapeVia].group],
      });
  }
}
