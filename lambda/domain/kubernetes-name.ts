/**
 * What names pods and nodes; it can stand in a path, a log and a terminal as it is.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
 */
export const KUBERNETES_NAME = /^[a-z0-9.-]{1,253}$/;
