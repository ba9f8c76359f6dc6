import { addExactly, type ExactSum } from './exact-sum.ts';
import { addPod, type NamedPods, noPods } from './named-pods.ts';
import type { IpamdFacts } from './pod-reading.ts';

/** What the pods say about their CNI, added up; the order of the pods does not matter. */
export interface CniFacts {
  /** Version → pods that run it; `unknown` stands for pods that do not expose it. */
  readonly versions: Map<string, number>;
  readonly connmarkErrors: ExactSum;
  readonly connmarkPods: NamedPods;
  /** By reason. */
  readonly startupFailures: Map<string, NamedPods>;
  slowestStartup: Duration | undefined;
  slowestNodeInit: Duration | undefined;
}

export interface Duration {
  readonly pod: string;
  readonly seconds: number;
}

export const noFacts = (): CniFacts => ({
  versions: new Map(),
  connmarkErrors: [],
  connmarkPods: noPods(),
  startupFailures: new Map(),
  slowestStartup: undefined,
  slowestNodeInit: undefined,
});

/** Adds what one pod says, in place. */
export function addFacts(to: CniFacts, pod: string, facts: IpamdFacts): void {
  const version = facts.version || 'unknown';
  to.versions.set(version, (to.versions.get(version) ?? 0) + 1);
  if (facts.connmarkErrors > 0) {
    addExactly(to.connmarkErrors, facts.connmarkErrors);
    addPod(to.connmarkPods, pod);
  }
  for (const reason of facts.startupFailures) {
    const pods = to.startupFailures.get(reason) ?? noPods();
    to.startupFailures.set(reason, pods);
    addPod(pods, pod);
  }
  to.slowestStartup = slower(to.slowestStartup, { pod, seconds: facts.startupSeconds });
  to.slowestNodeInit = slower(to.slowestNodeInit, { pod, seconds: facts.nodeInitSeconds });
}

function slower(known: Duration | undefined, next: Duration): Duration | undefined {
  if (Number.isNaN(next.seconds)) return known;
  if (!known || next.seconds > known.seconds) return next;
  return next.seconds === known.seconds && next.pod < known.pod ? next : known;
}
