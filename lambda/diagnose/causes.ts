import { ERRORS, SCRAPE_FAILURES, WARNINGS } from '../domain/causes.ts';

/**
 * What only a diagnosis tells apart: in a cycle each of these is part of a broader error. Names in angle
 * brackets are filled in where they are known.
 */
export const DIAGNOSES = {
  'credentials-rejected': {
    meaning: 'AWS does not accept the credentials: they have expired, or their role is gone',
    remedy: 'Deploy the function again with a role that exists; on your own machine run aws sso login.',
  },
  'region-missing': {
    meaning: 'no AWS region is known',
    remedy: "Set AWS_REGION to the cluster's region (Lambda sets it by itself).",
  },
  'eks-denied': {
    meaning: 'the role may not ask EKS for the cluster',
    remedy: 'Allow eks:DescribeCluster on cluster <cluster>, or set CLUSTER_ENDPOINT and CLUSTER_CA.',
  },
  'eks-unreachable': {
    meaning: 'there is no way to the EKS API from here',
    remedy:
      'Give the VPC an interface endpoint eks or a NAT gateway, or set CLUSTER_ENDPOINT and CLUSTER_CA.',
  },
  'cluster-unknown': {
    meaning: 'EKS knows no cluster of this name in this account and region',
    remedy: 'Set CLUSTER_NAME to a name that aws eks list-clusters --region <region> prints.',
  },
  'cluster-inactive': {
    meaning: 'the cluster has no API server to speak to yet, or no more',
    remedy: 'Run aws eks wait cluster-active --name <cluster>.',
  },
  'dns-unresolved': {
    meaning: "the API server's name does not resolve here: the VPC lacks the cluster's private zone",
    remedy:
      'Run aws eks update-cluster-config --name <cluster> --resources-vpc-config endpointPrivateAccess=true, and turn on enableDnsSupport and enableDnsHostnames of the VPC.',
  },
  'dns-silent': {
    meaning: 'the DNS resolver does not answer',
    remedy: "Turn on enableDnsSupport of the function's VPC, or look at the DNS servers of its DHCP options.",
  },
  'tcp-dropped': {
    meaning: 'packets to the API server get lost, as where a security group does not let them in',
    remedy:
      "Allow tcp/<port> from the function's security group to the cluster security group, and in the function's egress.",
  },
  'tcp-public': {
    meaning: "the API server's name resolves to a public address, and nothing leads there from these subnets",
    remedy:
      'Run aws eks update-cluster-config --name <cluster> --resources-vpc-config endpointPrivateAccess=true, or give the subnets a NAT gateway whose address is in publicAccessCidrs.',
  },
  'tcp-refused': {
    meaning: 'nothing listens at the address of the API server',
    remedy:
      'Set CLUSTER_ENDPOINT to what aws eks describe-cluster --name <cluster> --query cluster.endpoint prints.',
  },
  'tls-silent': {
    meaning: 'the connection opens, but the TLS handshake does not come to an end',
    remedy: 'Look for a firewall, a proxy or a too small MTU between the function and the API server.',
  },
  'tls-name': {
    meaning: "the server's certificate is for another name: this is not the API server of the cluster",
    remedy:
      'Set CLUSTER_ENDPOINT to what aws eks describe-cluster --name <cluster> --query cluster.endpoint prints.',
  },
  'clock-skewed': {
    meaning: 'the clock here is more than five minutes off, so signatures made by it are not valid',
    remedy: 'Correct this clock (timedatectl set-ntp true); in Lambda it is AWS that has to: open a case.',
  },
  'access-config-map': {
    meaning:
      "the API server does not know the function's role, and the cluster takes its roles from aws-auth alone",
    remedy:
      'Map <role> to the group cni-metrics-reader in the ConfigMap aws-auth, or run aws eks update-cluster-config --name <cluster> --access-config authenticationMode=API_AND_CONFIG_MAP and make an access entry.',
  },
  'access-entry-missing': {
    meaning: "the API server does not know the function's role (401): it has no access entry",
    remedy:
      'Run aws eks create-access-entry --cluster-name <cluster> --principal-arn <role> --kubernetes-groups cni-metrics-reader (delete an old entry first if the role was made anew).',
  },
  'group-missing': {
    meaning: 'the role is known to the cluster, but not as a member of the group cni-metrics-reader',
    remedy:
      'Run aws eks update-access-entry --cluster-name <cluster> --principal-arn <role> --kubernetes-groups cni-metrics-reader.',
  },
  'rbac-missing': {
    meaning: 'Kubernetes RBAC does not give the group cni-metrics-reader what the collector needs',
    remedy: 'Run kubectl apply -f infra/rbac.yaml.',
  },
  'pods-not-running': {
    meaning: 'there are aws-node pods, but none of them runs',
    remedy: 'Run kubectl -n kube-system describe pods -l k8s-app=aws-node and read the events.',
  },
  'cloudwatch-denied': {
    meaning: 'the role may not publish metrics in this namespace',
    remedy:
      'Allow cloudwatch:PutMetricData; if the policy has the condition cloudwatch:namespace, it must be <namespace>.',
  },
  'cloudwatch-unreachable': {
    meaning: 'there is no way to CloudWatch from here',
    remedy: 'Give the VPC an interface endpoint monitoring or a NAT gateway.',
  },
  'state-denied': {
    meaning: 'the role may not use the object that holds the readings',
    remedy:
      'Allow <right> on arn:aws:s3:::<bucket>/<key>, and s3:ListBucket on the bucket; look at the endpoint policy too.',
  },
  'state-unreachable': {
    meaning: 'there is no way to S3 from here',
    remedy: 'Give the VPC a gateway endpoint s3 and add it to the route tables of the subnets.',
  },
  'state-no-bucket': {
    meaning: 'the bucket of the readings does not exist, or is in another region',
    remedy: 'Set STATE_BUCKET to a bucket of region <region>, or run aws s3 mb s3://<bucket>.',
  },
  'state-foreign': {
    meaning: 'the object at STATE_KEY is not the readings of this cluster',
    remedy: 'Set STATE_KEY to a key of its own for each cluster.',
  },
  'service-failed': {
    meaning: 'an AWS service answered with an error of another kind',
    remedy: 'Read the error seen; look at https://health.aws.amazon.com.',
  },
  'step-unfinished': {
    meaning: 'the step did not end within its time',
    remedy: "Raise the function's timeout and diagnose again; read the steps before this one.",
  },
  'diagnosis-fault': {
    meaning: 'the step met something that it does not know',
    remedy: 'Read what was seen; it may be worth an issue of this project.',
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

/** Every cause that a step may name. */
export const STEP_CAUSES = { ...SCRAPE_FAILURES, ...ERRORS, ...WARNINGS, ...DIAGNOSES } as const;

export type StepCause = keyof typeof STEP_CAUSES;
