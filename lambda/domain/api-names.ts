/**
 * Names of AWS APIs come from the label `api` of pods. ipamd calls some 25 APIs; a pod that exposes thousands of names,
 * or others in each cycle, must not let the state grow without limit.
 */

/** The APIs that are counted apart, for one pod and for all pods of a cluster. */
export const MAX_APIS = 64;
/** Bytes of a name; EC2's longest have 42. */
export const MAX_API_LENGTH = 64;
/** All other APIs count together under this name, which no API of AWS can have. */
export const OTHER_APIS = '(other)';
