import type { ALARMS, AlarmId } from './definitions.ts';

/** Chapters of docs/runbook.md. */
type Chapter = (typeof ALARMS)[AlarmId]['runbook'];

/** What the on-call does first, in the alarm's own description: the message that they receive may be all they have. */
export const FIRST_STEPS: Readonly<Record<Chapter, string>> = {
  'pods-refused-an-address':
    '(1) kubectl get events -A --field-selector reason=FailedCreatePodSandBox. (2) If the subnet is full, free addresses or add a subnet. (3) If nodes are at their maximum, add nodes, use larger ones or turn on prefix delegation.',
  'ec2-out-of-addresses':
    '(1) aws ec2 describe-subnets for the free addresses of each subnet. (2) If a subnet is full, delete unused interfaces, lower WARM_IP_TARGET or add a subnet. (3) With prefix delegation, reserve a CIDR range for prefixes.',
  'fragmented-subnet':
    '(1) Find the subnet in the table of holders on the dashboard. (2) Reserve a range for prefixes: aws ec2 create-subnet-cidr-reservation. (3) Or give the nodes a new subnet for prefixes alone.',
  'leaked-addresses':
    '(1) aws ec2 describe-network-interfaces with status available and the tag node.k8s.amazonaws.com/instance_id. (2) Delete them with delete-network-interface. (3) If they come again, check the rights of the role of aws-node.',
  'worst-subnet':
    '(1) aws ec2 describe-network-interfaces for who holds the addresses of the subnet. (2) Delete interfaces that stay "available". (3) Lower WARM_IP_TARGET, or add a secondary CIDR and a subnet tagged kubernetes.io/role/cni=1.',
  'cluster-subnets-too-small':
    '(1) aws eks describe-cluster: is it a subnet of the control plane? If not, turn this alarm off. (2) Free addresses in it. (3) Or give the control plane other subnets with aws eks update-cluster-config.',
  'nodes-without-warm-addresses':
    '(1) Compare the addresses of the full nodes with the maximum of their instance type. (2) If they are packed on purpose, raise the threshold. (3) If not, EC2 gives no more: look at the subnets and the AWS API errors.',
  'pool-utilization':
    '(1) Do pods wait for addresses? If not, do nothing. (2) If they do, raise WARM_IP_TARGET or MINIMUM_IP_TARGET.',
  'eni-utilization':
    '(1) Compare interfaces and pods for each node. (2) Add nodes, use larger ones or turn on prefix delegation. (3) If the cluster is meant to work like this, raise the threshold.',
  'ipamd-errors':
    '(1) Find the node: awscni_ipamd_error_count of each aws-node pod at :61678/metrics. (2) Read its /var/log/aws-routed-eni/ipamd.log. (3) On UnauthorizedOperation attach AmazonEKS_CNI_Policy; if it is one node, replace it.',
  'aws-api-errors':
    '(1) aws cloudtrail lookup-events for AssignPrivateIpAddresses and CreateNetworkInterface. (2) On RequestLimitExceeded make fewer calls (WARM_ENI_TARGET, prefix delegation). (3) On UnauthorizedOperation attach AmazonEKS_CNI_Policy.',
  'ipamd-busy':
    '(1) Find the nodes: awscni_ipamd_action_inprogress of each aws-node pod. (2) If AWS calls are slow or fail, start there. (3) If it is one node, read its ipamd.log, then replace it.',
  'ipamd-restarts':
    '(1) kubectl -n kube-system get pods -l k8s-app=aws-node: which restarts? (2) kubectl -n kube-system logs <pod> --previous says why. (3) If it is one node, replace it; if all, undo the last change of the CNI.',
  coverage:
    '(1) Run the stack output Invoke: it names the pods that were not read, the cause and the remedy. (2) Most often the node security group does not allow tcp/61678 from the cluster security group.',
  heartbeat:
    '(1) Run the stack output Diagnose: it names the step that fails and the remedy. (2) If the function is not invoked, check its schedule and the dead-letter queue. (3) Deploy again.',
  'function-errors':
    '(1) Read the latest line with message "failure" in the log of the function: it contains code, cause and remedy. (2) "Task timed out": give more memory or time, or check the route to AWS.',
  'function-throttles':
    "(1) Compare the account's concurrent executions with its quota. (2) If other functions use it up, request a higher quota or set function.reservedConcurrency. (3) If cycles are as long as the interval, make the interval longer.",
  'function-duration':
    '(1) Read durationsMs in the latest line with message "cycle" of the log. (2) If scrape is long, give more memory or a higher SCRAPE_CONCURRENCY. (3) If publish is long, check the route to CloudWatch.',
  'dead-letters':
    '(1) aws sqs receive-message with --message-attribute-names All: ERROR_CODE says why. (2) On AccessDenied deploy again. (3) Purge the queue, which ends the alarm.',
};
