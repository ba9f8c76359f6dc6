import type { Cause } from './cause.ts';

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
  'node-unreachable': {
    meaning: 'the function could not connect to port 61678 of the node (SCRAPE_VIA=node)',
    remedy:
      'Allow tcp/61678 from the security group of the function to that of the node: name that in nodeSecurityGroupIds, or run configure with --direct, and deploy; if other nodes are read, check whether the node is gone or a firewall on it drops packets.',
  },
  'node-slow': {
    meaning:
      'the node accepted the connection, but sent no complete answer within SCRAPE_TIMEOUT_MS (SCRAPE_VIA=node)',
    remedy: 'Check whether the node is overloaded, and what ipamd logs (kubectl -n kube-system logs <pod>).',
  },
  'address-refused': {
    meaning: 'the list gives an address that the function does not connect to (SCRAPE_VIA=node)',
    remedy:
      'Add the block of the node to NODE_CIDRS if it is one of the VPC; in an IPv6 cluster set SCRAPE_VIA to api-server. Otherwise check the node: no node has such an address.',
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
    meaning: 'the pod has no IP address, or none that the API server connects to',
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
    remedy:
      'Create an access entry for the role of the function with the group cni-metrics-reader (or map it in aws-auth).',
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
    meaning: 'the answer exceeds 16 MiB, or 4 MiB compressed, or many large ones arrived at a time',
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
