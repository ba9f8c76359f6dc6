import type { Cause } from './cause.ts';

/**
 * The other causes of a 401, the likelier first: the API server answers the same to all of them. Seen with
 * aws-iam-authenticator 0.7.8.
 */
export const OTHER_CAUSES_OF_401 =
  'If the role is mapped, check that CLUSTER_NAME is the name of the cluster at this endpoint, then that aws sts get-caller-identity accepts the credentials; if every IAM role gets 401, the authenticator of the control plane is down: open a support case.';

/** Why a whole invocation failed. */
export const ERRORS = {
  'config-invalid': {
    meaning: 'one or more environment variables are missing, malformed or in conflict',
    remedy: 'Correct the variables that the message names.',
  },
  'event-invalid': {
    meaning: 'the event has unknown or malformed fields',
    remedy: 'Correct the fields that the message names.',
  },
  'credentials-missing': {
    meaning: 'no AWS credentials could be found',
    remedy: 'Give the function a role; on your own machine set AWS_PROFILE or run aws sso login.',
  },
  'describe-cluster-failed': {
    meaning: 'EKS did not return the endpoint and the CA of the cluster',
    remedy:
      'Allow eks:DescribeCluster and provide a network path to the EKS API (interface endpoint eks or NAT), or set CLUSTER_ENDPOINT and CLUSTER_CA.',
  },
  'api-unreachable': {
    meaning: 'no connection to the API server',
    remedy:
      "Allow tcp/443 from the function's security group to the cluster security group; check DNS of the endpoint in this VPC.",
  },
  'api-tls': {
    meaning: "the API server's certificate is not signed by the cluster's CA",
    remedy:
      "Set CLUSTER_CA to the cluster's certificateAuthority.data, or remove both CLUSTER_ENDPOINT and CLUSTER_CA.",
  },
  'api-unauthorized': {
    meaning: 'the API server does not accept the role of the function (401)',
    remedy: `Create an access entry for the role of the function with the group cni-metrics-reader, or cni-metrics-lister with SCRAPE_VIA=node (or map it in aws-auth). ${OTHER_CAUSES_OF_401}`,
  },
  'api-forbidden': {
    meaning: 'Kubernetes RBAC does not allow the function to list pods in kube-system (403)',
    remedy: 'Run kubectl apply -f infra/rbac.yaml, or infra/rbac-node.yaml with SCRAPE_VIA=node.',
  },
  'api-failed': {
    meaning: 'the API server returned an error, or something that is not a list of pods',
    remedy: 'Read the status and the message; check the state of the control plane of the cluster.',
  },
  'no-pods': {
    meaning: 'no running pod in kube-system has the label k8s-app=aws-node',
    remedy:
      'Check that the nodes use the Amazon VPC CNI: EKS Auto Mode, Fargate-only, hybrid and Windows nodes have no aws-node pods; for such a cluster set PODS=none.',
  },
  'no-pods-read': {
    meaning: 'aws-node pods were found, but none could be read',
    remedy:
      'See the failures in the report; most often tcp/61678 from the API server to the nodes is closed.',
  },
  'publish-failed': {
    meaning:
      'CloudWatch did not accept the metrics; no event is lost, the next cycle counts from the same state',
    remedy:
      'Allow cloudwatch:PutMetricData for the namespace and provide a network path to CloudWatch (interface endpoint monitoring or NAT).',
  },
  'state-failed': {
    meaning: 'the state could not be read or written',
    remedy:
      'Allow s3:GetObject and s3:PutObject on STATE_KEY, s3:ListBucket on its prefix, and provide a network path to S3 (gateway endpoint or NAT).',
  },
} as const satisfies Record<string, Cause>;

export type ErrorCode = keyof typeof ERRORS;
