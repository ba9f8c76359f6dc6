import { ERRORS, OTHER_CAUSES_OF_401 } from '../domain/causes/errors.ts';
import { SCRAPE_FAILURES } from '../domain/causes/scrape-failures.ts';
import { WARNINGS } from '../domain/causes/warnings.ts';

/**
 * Causes that only a diagnosis can distinguish: in a cycle each of these is part of a broader error. Names in angle
 * brackets are replaced if they are known.
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
    meaning: 'the role is not allowed to describe the cluster in EKS',
    remedy: 'Allow eks:DescribeCluster on cluster <cluster>, or set CLUSTER_ENDPOINT and CLUSTER_CA.',
  },
  'eks-unreachable': {
    meaning: 'there is no network path to the EKS API',
    remedy:
      'Give the VPC an interface endpoint eks or a NAT gateway, or set CLUSTER_ENDPOINT and CLUSTER_CA.',
  },
  'cluster-unknown': {
    meaning: 'EKS has no cluster of this name in this account and region',
    remedy: 'Set CLUSTER_NAME to a name that aws eks list-clusters --region <region> prints.',
  },
  'cluster-inactive': {
    meaning: 'the cluster has no API server yet, or no longer has one',
    remedy: 'Run aws eks wait cluster-active --name <cluster>.',
  },
  'dns-unresolved': {
    meaning:
      'the name of the API server does not resolve: this VPC does not have the private hosted zone of the cluster',
    remedy:
      'Run aws eks update-cluster-config --name <cluster> --resources-vpc-config endpointPrivateAccess=true, and turn on enableDnsSupport and enableDnsHostnames of the VPC.',
  },
  'dns-silent': {
    meaning: 'the DNS resolver does not answer',
    remedy:
      'Turn on enableDnsSupport of the VPC of the function, or check the DNS servers in its DHCP options.',
  },
  'tcp-dropped': {
    meaning: 'packets to the API server are dropped, as by a security group that does not allow them',
    remedy:
      "Allow tcp/<port> from the function's security group to the cluster security group, and in the function's egress.",
  },
  'tcp-public': {
    meaning: 'the name of the API server resolves to a public address that these subnets cannot reach',
    remedy:
      'Run aws eks update-cluster-config --name <cluster> --resources-vpc-config endpointPrivateAccess=true, or give the subnets a NAT gateway whose address is in publicAccessCidrs.',
  },
  'tcp-refused': {
    meaning: 'nothing listens at the address of the API server',
    remedy:
      'Set CLUSTER_ENDPOINT to what aws eks describe-cluster --name <cluster> --query cluster.endpoint prints.',
  },
  'tls-silent': {
    meaning: 'the connection opens, but the TLS handshake does not complete',
    remedy:
      'Check for a firewall, a proxy or an MTU that is too small between the function and the API server.',
  },
  'tls-name': {
    meaning: 'the certificate of the server is for another name: this is not the API server of the cluster',
    remedy:
      'Set CLUSTER_ENDPOINT to what aws eks describe-cluster --name <cluster> --query cluster.endpoint prints.',
  },
  'clock-skewed': {
    meaning: 'the clock of the function is more than five minutes off, so its signatures are not valid',
    remedy: 'Correct the clock of this machine (timedatectl set-ntp true); in Lambda open a support case.',
  },
  'access-config-map': {
    meaning:
      'the API server does not accept the role of the function (401), and the cluster maps roles only in aws-auth',
    remedy: `Map <role> to the group <group> in the ConfigMap aws-auth, or run aws eks update-cluster-config --name <cluster> --access-config authenticationMode=API_AND_CONFIG_MAP and create an access entry. ${OTHER_CAUSES_OF_401}`,
  },
  'access-entry-missing': {
    meaning:
      'the API server does not accept the role of the function (401): most likely it has no access entry',
    remedy: `Run aws eks create-access-entry --cluster-name <cluster> --principal-arn <role> --kubernetes-groups <group> (delete an old entry first if the role was created again). ${OTHER_CAUSES_OF_401}`,
  },
  'group-missing': {
    meaning: 'the cluster maps the role, but not to the group <group>',
    remedy:
      'Run aws eks update-access-entry --cluster-name <cluster> --principal-arn <role> --kubernetes-groups <group>.',
  },
  'rbac-missing': {
    meaning: 'Kubernetes RBAC does not grant the group <group> what the collector needs',
    remedy: 'Run kubectl apply -f <manifest>.',
  },
  'pods-not-running': {
    meaning: 'there are aws-node pods, but none of them is running',
    remedy: 'Run kubectl -n kube-system describe pods -l k8s-app=aws-node and read the events.',
  },
  'cloudwatch-denied': {
    meaning: 'the role is not allowed to publish metrics in this namespace',
    remedy:
      'Allow cloudwatch:PutMetricData; if the policy has the condition cloudwatch:namespace, it must be <namespace>.',
  },
  'cloudwatch-unreachable': {
    meaning: 'there is no network path to CloudWatch',
    remedy: 'Add an interface endpoint monitoring or a NAT gateway to the VPC.',
  },
  'state-denied': {
    meaning: 'the role is not allowed to use the object that holds the state',
    remedy:
      'Allow <right> on object <key> of bucket <bucket>, and s3:ListBucket on the bucket; check the endpoint policy too.',
  },
  'state-unreachable': {
    meaning: 'there is no network path to S3',
    remedy:
      'Add a gateway endpoint s3 to the route tables of the subnets of the function, or give the subnets a NAT gateway.',
  },
  'state-no-bucket': {
    meaning: 'the bucket of the state does not exist, or is in another region',
    remedy: 'Set STATE_BUCKET to a bucket of region <region>, or run aws s3 mb s3://<bucket>.',
  },
  'state-foreign': {
    meaning: 'the object at STATE_KEY is not the state of this cluster',
    remedy: 'Set STATE_KEY to a different key for each cluster.',
  },
  'service-failed': {
    meaning: 'an AWS service returned an error of another kind',
    remedy: 'Read the error; check https://health.aws.amazon.com.',
  },
  'step-unfinished': {
    meaning: 'the step did not end within its time limit',
    remedy: "Raise the function's timeout and diagnose again; read the steps before this one.",
  },
  'diagnosis-fault': {
    meaning: 'the step met an unexpected error',
    remedy: 'Read what was seen; please open an issue of this project.',
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

/** Every cause that a step can name. */
export const STEP_CAUSES = { ...SCRAPE_FAILURES, ...ERRORS, ...WARNINGS, ...DIAGNOSES } as const;

export type StepCause = keyof typeof STEP_CAUSES;
