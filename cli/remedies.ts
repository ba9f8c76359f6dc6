import { STEP_CAUSES, type StepCause } from '../lambda/diagnose/causes.ts';
import type { Step } from '../lambda/diagnose/steps.ts';
import { CollectorError } from '../lambda/errors.ts';

interface Advice {
  /** Where the usual meaning is about the function. */
  readonly meaning?: string;
  readonly remedy: string;
}

const RIGHTS = 'Ask for the rights of infra/rbac.yaml: list pods and get pods/proxy in kube-system.';
const NETWORK =
  'Connect to a network that reaches the cluster, such as a VPN into its VPC, or add the public address of this machine to publicAccessCidrs.';
const KUBECONFIG = 'Write the context again, for example with aws eks update-kubeconfig.';

/** What a person with a kubeconfig can do, where the usual remedy is one for the function. */
function adviceFor(code: StepCause, kubectl: string): Advice | undefined {
  const identity = `Check what ${kubectl} auth whoami prints; its identity needs an access entry.`;
  const advice: Partial<Record<StepCause, Advice>> = {
    'api-unreachable': {
      remedy: `Check whether ${kubectl} version works on this machine; a private endpoint needs a network path into its VPC.`,
    },
    'api-tls': {
      remedy: 'Check certificate-authority and the client certificate of the context in the kubeconfig.',
    },
    'api-unauthorized': {
      meaning: 'the API server does not accept these credentials (401)',
      remedy: identity,
    },
    'api-forbidden': { remedy: RIGHTS },
    'scrape-unauthorized': { remedy: identity },
    'scrape-forbidden': {
      meaning: 'this identity is not allowed to get pods/proxy in kube-system (403)',
      remedy: RIGHTS,
    },
    'dns-unresolved': {
      meaning: 'the name of the API server does not resolve on this machine',
      remedy: `${KUBECONFIG} A private endpoint resolves only inside its VPC.`,
    },
    'dns-silent': { remedy: 'Check the DNS servers of this machine.' },
    'tcp-dropped': { meaning: 'packets to the API server are dropped', remedy: NETWORK },
    'tcp-public': { meaning: 'the API server does not answer at its public address', remedy: NETWORK },
    'tcp-refused': { remedy: KUBECONFIG },
    'tls-silent': {
      remedy:
        'Check for a firewall, a proxy or an MTU that is too small between this machine and the API server.',
    },
    'tls-name': { remedy: KUBECONFIG },
    'clock-skewed': {
      meaning: 'the clock of this machine is more than five minutes off, so signatures are not valid',
      remedy: 'Correct the clock of this machine (timedatectl set-ntp true).',
    },
    'access-entry-missing': {
      meaning: 'the API server does not accept these credentials (401)',
      remedy: identity,
    },
    'group-missing': { meaning: 'this identity lacks rights that the collector needs', remedy: RIGHTS },
    'rbac-missing': { meaning: 'this identity lacks rights that the collector needs', remedy: RIGHTS },
  };
  return advice[code];
}

/**
 * A name with characters that a shell may act on is left out: a kubeconfig may be somebody else's, and quotes do not hold where
 * a token that contains one of them is redacted.
 */
export const kubectlFor = (context: string): string =>
  `kubectl --context ${/^[\w@%+=:,./-]+$/.test(context) ? context : 'NAME'}`;

/** The error with a remedy for a person. */
export function errorForKubeconfig(
  { code, what, remedy, cause }: CollectorError,
  context: string,
): CollectorError {
  const advice = adviceFor(code, kubectlFor(context));
  return new CollectorError(code, what, { remedy: advice?.remedy ?? remedy, cause });
}

/** The step of a diagnosis with a cause and a remedy for a person. */
export function stepForKubeconfig(step: Step, context: string): Step {
  const [code = ''] = step.cause?.split(':') ?? [];
  const advice = isCause(code) ? adviceFor(code, kubectlFor(context)) : undefined;
  if (!advice) return step;
  return {
    ...step,
    ...(advice.meaning !== undefined && { cause: `${code}: ${advice.meaning}` }),
    remedy: advice.remedy,
  };
}

const isCause = (code: string): code is StepCause => Object.hasOwn(STEP_CAUSES, code);
