/**
 * Every way in which a cycle can fail, completely or in part: a stable code, what it means, what to do.
 * Errors, scrape failures, warnings and the diagnosis share this list; the table in the docs is generated from it.
 */
interface Cause {
  readonly meaning: string;
  /** One sentence that starts with a verb: a command or a setting. */
  readonly remedy: string;
}

/** Why one pod was not read. */
export const SCRAPE_FAILURES = {
  'scrape-timeout': {
    meaning:
      'no complete answer from the pod within SCRAPE_TIMEOUT_MS: packets to port 61678 of the node are dropped, or the node is too slow',
    remedy:
      'Allow tcp/61678 from the cluster security group to the node security group; if that is allowed, check whether the node is overloaded.',
  },
  'port-unreachable': {
    meaning: 'the API server could not reach port 61678 of the node',
    remedy:
      'Allow tcp/61678 from the cluster security group to the node security group: name that in nodeSecurityGroupIds, or run configure with --open-metrics-port, and deploy.',
  },
  'port-refused': {
    meaning: 'nothing listens on port 61678 of the node',
    remedy:
      'Remove DISABLE_METRICS=true from the aws-node DaemonSet, or find out why ipamd does not start (kubectl -n kube-system logs <pod>).',
  },
  'pod-gone': {
    meaning: 'the pod was deleted after it was listed',
    remedy: 'Nothing to do: the next cycle lists the pods again.',
  },
  'pod-without-address': {
    meaning: 'the pod has no IP address that the API server connects to',
    remedy:
      'Run kubectl -n kube-system get pods -l k8s-app=aws-node -o wide: a pod without an address has not started, or its node is gone.',
  },
  'not-ipamd': {
    meaning: 'something other than ipamd answers on port 61678 of the node',
    remedy:
      "Find what listens there (on the node: ss -ltnp 'sport = :61678'), and check that the image of aws-node is the Amazon VPC CNI.",
  },
  'answer-incomplete': {
    meaning: 'the answer ended before it was complete: mostly because the pod closed the connection',
    remedy:
      'Nothing to do if it is rare; otherwise find out why ipamd restarts (kubectl -n kube-system logs <pod> --previous).',
  },
  'scrape-unauthorized': {
    meaning: 'the API server did not accept the token for this request (401)',
    remedy: 'Map the role of the function with an access entry of group cni-metrics-reader.',
  },
  'scrape-forbidden': {
    meaning: 'the role is not allowed to get pods/proxy in kube-system (403)',
    remedy: 'Run kubectl apply -f infra/rbac.yaml.',
  },
  'scrape-throttled': {
    meaning: 'the API server asked for fewer requests (429)',
    remedy: 'Lower SCRAPE_CONCURRENCY.',
  },
  'api-server-error': {
    meaning: 'the API server answered with an error of its own',
    remedy:
      'Nothing to do if it is rare; otherwise read the status and the message, and check the state of the control plane of the cluster.',
  },
  'bad-status': {
    meaning: 'the pod, or a proxy in front of the API server, answered with an HTTP error status (5xx)',
    remedy:
      'Read the status and the message in this report, and what ipamd logs (kubectl -n kube-system logs <pod>).',
  },
  'connection-lost': {
    meaning: 'the connection to the API server broke before the answer was complete',
    remedy:
      'Nothing to do if it is rare; otherwise check the network between the function and the API server.',
  },
  'answer-too-large': {
    meaning: 'the answer exceeds 16 MiB, plain or after decompression, or many large ones arrived at a time',
    remedy:
      'Check what the pod serves at :61678/metrics; ipamd serves about 30 KB, and more only after thousands of different errors (delete the pod to restart it).',
  },
  unparsable: {
    meaning: 'the answer is not Prometheus text of ipamd',
    remedy: 'Read the line named in the report; check that the image of aws-node is the Amazon VPC CNI.',
  },
  'deadline-reached': {
    meaning: 'the cycle reached its deadline before this pod was attempted',
    remedy: 'Give the function more memory or time, or raise SCRAPE_CONCURRENCY.',
  },
  'not-attempted': {
    meaning: 'the pod was not attempted, because no pod before it gave an answer',
    remedy: 'See the other failures in this report.',
  },
} as const satisfies Record<string, Cause>;

export type ScrapeFailureCode = keyof typeof SCRAPE_FAILURES;

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
    remedy:
      'Create an access entry for the role of the function with the group cni-metrics-reader (or map it in aws-auth).',
  },
  'api-forbidden': {
    meaning: 'Kubernetes RBAC does not allow the function to list pods in kube-system (403)',
    remedy: 'Run kubectl apply -f infra/rbac.yaml.',
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

/** What a cycle reports beside its numbers: it published, but somebody should know. */
export const WARNINGS = {
  'partial-coverage': {
    meaning: 'some pods could not be read; the sums do not include them',
    remedy: 'See failures in the report.',
  },
  'counters-withheld': {
    meaning: 'counters were left out of this cycle; the next one covers the gap exactly',
    remedy: 'See the message; nothing to do if it is rare.',
  },
  'state-in-memory': {
    meaning: 'STATE_BUCKET is not set: counters start from a new baseline after each cold start',
    remedy: 'Set STATE_BUCKET.',
  },
  'state-quarantined': {
    meaning:
      'the stored state could not be used; it was copied to another key and counting started from a baseline',
    remedy: 'Read the object that the message names to find out who wrote it.',
  },
  'commit-failed': {
    meaning:
      'the lease could not be ended after publishing; until it expires, only this function counts, and no event is lost',
    remedy: 'See state-failed.',
  },
  'publish-uncertain': {
    meaning:
      'a function ended while it was publishing; the events of that interval count as published, and are missing if they were not',
    remedy: 'Find out in the log why that invocation ended, most often a timeout or too little memory.',
  },
  'cluster-id-fallback': {
    meaning: 'CLUSTER_ID_FROM=ec2-tags found no usable tag; the cluster name is used',
    remedy: 'Allow ec2:DescribeInstances, tag the instances, or set AWS_CLUSTER_ID.',
  },
  'not-finite': {
    meaning: 'pods exposed NaN or infinite values; the metrics leave these pods out',
    remedy: 'Read the metrics of the pods that the message names.',
  },
  'invalid-value': {
    meaning:
      'pods exposed values that ipamd cannot have (negative, a fraction, or more than a node can have); the metrics leave these pods out',
    remedy: 'Read the metrics of the pods that the message names; restart the pods if ipamd is at fault.',
  },
  'implausible-gauges': {
    meaning:
      'nodes report more addresses in use than they hold, as ipamd does after a forced removal of an interface; only their addresses in use count',
    remedy: 'Restart the aws-node pods that the message names (kubectl -n kube-system delete pod <pod>).',
  },
  'several-network-cards': {
    meaning:
      'nodes use several network cards (ENABLE_MULTI_NIC), and ipamd reports interfaces and addresses held for only one; their addresses in use count',
    remedy: 'Nothing to do.',
  },
  'pods-share-node': {
    meaning: 'several aws-node pods have the same node or address; only the youngest counts',
    remedy:
      'Nothing to do while nodes are replaced; otherwise find out who created the pods that the message names.',
  },
  'connmark-errors': {
    meaning:
      'ipamd could not write the rules that mark connections; traffic of pods to other networks can fail',
    remedy: 'Read the logs of the pods that the message names (kubectl -n kube-system logs <pod>).',
  },
  'ipamd-startup-failed': {
    meaning: 'ipamd counted failed startups',
    remedy: 'Read the logs of the pods that the message names (kubectl -n kube-system logs <pod>).',
  },
  'datum-left-out': {
    meaning: 'a value is not one that CloudWatch accepts; the other metrics were published',
    remedy: 'Please open an issue of this project with the message.',
  },
  'apis-folded': {
    meaning:
      'pods expose more AWS APIs, or longer names, than are counted apart; the other APIs of these pods count together',
    remedy: 'Read the metrics of the pods that the message names: ipamd calls some 25 APIs.',
  },
  'tick-late': {
    meaning: 'the event names a time more than five minutes ago; the metrics are published with that time',
    remedy: 'Nothing to do if somebody sent the event by hand; otherwise check the schedule.',
  },
  'tick-published': {
    meaning: 'this tick was published before; the delivery is skipped',
    remedy: 'Nothing to do: EventBridge Scheduler delivers at least once.',
  },
  'subnets-unavailable': {
    meaning: 'EC2 did not return the subnets; only the subnet metrics are missing',
    remedy:
      'Allow ec2:DescribeSubnets and provide a network path to EC2 (interface endpoint ec2 or NAT), or set SUBNET_METRICS=false.',
  },
} as const satisfies Record<string, Cause>;

export type WarningCode = keyof typeof WARNINGS;
