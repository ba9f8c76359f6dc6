import {
  ApiException,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  createConfiguration,
  ServerConfiguration,
  type V1SelfSubjectAccessReview,
} from '@kubernetes/client-node';
import {
  CLUSTER_ACCESS,
  NO_MIRROR_PODS,
  POD_LABEL_SELECTOR,
  POD_NAMESPACE,
  type ScrapeWay,
} from '../../contract.ts';
import type { Deadline } from '../../deadline.ts';
import type { KubernetesRights, KubernetesUser, Principal } from '../../diagnose/ports.ts';
import { failed, ok, type StepResult } from '../../diagnose/step-result.ts';
import { messageOf } from '../../domain/error-message.ts';
import type { ApiClientOptions } from '../api-server/client.ts';
import { statusMessage } from '../api-server/status-message.ts';
import { MAX_SKEW_MS } from './clock.ts';
import { httpsLibrary } from './https-library.ts';

/** Endpoint and credentials, as a cycle uses them. */
type Access = Pick<ApiClientOptions, 'endpoint' | 'credentials'>;

/** What earlier steps found out, for remedies. */
export interface AccessFacts {
  readonly cluster: string;
  readonly principal: Principal;
  /** Where the cluster looks up roles; undefined: EKS was not asked. */
  readonly authenticationMode: string | undefined;
  readonly scrapeVia: ScrapeWay;
}

/** Asks the API server who we are. */
export async function authenticate(
  access: Access,
  { cluster, principal, authenticationMode, scrapeVia }: AccessFacts,
  skewMs: number,
  { signal }: Deadline,
): Promise<StepResult<KubernetesUser>> {
  const configuration = connect(access, signal);
  try {
    const review = await new AuthenticationV1Api(configuration).createSelfSubjectReview({ body: {} });
    const { username = '', groups = [] } = review.status?.userInfo ?? {};
    return ok(`${username}, in the groups ${groups.join(', ')}`, { name: username, groups });
  } catch (error) {
    if (!(error instanceof ApiException) || error.code !== 401) throw readable(error);
    const seen = `401 for ${principal.known}; authentication mode ${authenticationMode ?? 'not asked for'}`;
    const names = { cluster, role: principal.role, ...CLUSTER_ACCESS[scrapeVia] };
    if (Math.abs(skewMs) > MAX_SKEW_MS) return failed('clock-skewed', seen, names);
    return failed(
      authenticationMode === 'CONFIG_MAP' ? 'access-config-map' : 'access-entry-missing',
      seen,
      names,
    );
  }
}

const LIST = { verb: 'list', resource: 'pods' };
const PROXY = { verb: 'get', resource: 'pods', subresource: 'proxy' };

/** Asks the API server which of the permissions that the collector needs it has. */
export async function authorize(
  access: Access,
  { cluster, principal, scrapeVia }: AccessFacts,
  user: KubernetesUser,
  { signal }: Deadline,
): Promise<StepResult<KubernetesRights>> {
  const configuration = connect(access, signal);
  const api = new AuthorizationV1Api(configuration);
  const may = async (right: typeof LIST): Promise<boolean> => {
    const body: V1SelfSubjectAccessReview = {
      spec: { resourceAttributes: { ...right, namespace: POD_NAMESPACE } },
    };
    try {
      return (await api.createSelfSubjectAccessReview({ body })).status?.allowed ?? false;
    } catch (error) {
      throw readable(error);
    }
  };
  const needsProxy = scrapeVia === 'api-server';
  const [listPods, readPods] = await Promise.all([may(LIST), needsProxy ? may(PROXY) : true]);
  const rights = { listPods, readPods };
  const word = (allowed: boolean) => (allowed ? 'allowed' : 'denied');
  const seen = [
    `list pods in ${POD_NAMESPACE}: ${word(listPods)}`,
    ...(needsProxy ? [`get pods/proxy in ${POD_NAMESPACE}: ${word(readPods)}`] : []),
  ].join('; ');
  if (listPods && readPods) return ok(seen, rights);
  const { group, manifest } = CLUSTER_ACCESS[scrapeVia];
  const code = user.groups.includes(group) ? 'rbac-missing' : 'group-missing';
  return { ...failed(code, seen, { cluster, role: principal.role, group, manifest }), value: rights };
}

/** More would not help a reader. */
const MAX_IDLE = 100;

/** aws-node pods in any phase but Running. */
export async function podsNotRunning(
  access: Access,
  { signal }: Deadline,
): Promise<{ name: string; phase: string }[]> {
  const configuration = connect(access, signal);
  try {
    const { items } = await new CoreV1Api(configuration).listNamespacedPod({
      namespace: POD_NAMESPACE,
      labelSelector: POD_LABEL_SELECTOR,
      fieldSelector: `status.phase!=Running,${NO_MIRROR_PODS}`,
      limit: MAX_IDLE,
    });
    return items.map(({ metadata, status }) => ({
      name: metadata?.name ?? '',
      phase: status?.phase ?? 'Unknown',
    }));
  } catch (error) {
    throw readable(error);
  }
}

/** The typed client, with the endpoint, CA and credentials of a cycle. */
function connect(access: Access, signal: AbortSignal) {
  const server = access.endpoint.url.href.replace(/\/$/, '');
  return createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    httpApi: httpsLibrary(access, signal),
  });
}

/** Replaces the client's messages, which contain whole bodies and headers. */
function readable(error: unknown): Error {
  if (error instanceof ApiException) {
    const body = typeof error.body === 'string' ? error.body : JSON.stringify(error.body);
    return new Error(`the API server answered ${error.code}: ${statusMessage(Buffer.from(body))}`);
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new Error(messageOf(cause));
}
