import { coverageOf, failureSentence, mainFailure } from '../collect/coverage.ts';
import { placeOf, podLine } from '../collect/pod-lines.ts';
import type { ClusterReader, Pod } from '../collect/ports.ts';
import { readPods } from '../collect/read-pods.ts';
import { resultOf, type ScrapeOptions } from '../collect/scrape.ts';
import type { Clock, Deadline } from '../deadline.ts';
import { addFailure, emptyFold } from '../domain/fold.ts';
import { ScrapeError } from '../errors.ts';
import { failed, ok, type StepResult } from './step-result.ts';

type PodReader = Pick<ClusterReader, 'readMetrics'>;

/** Reads one pod as a cycle does. */
export async function scrapeOne(cluster: PodReader, pod: Pod, deadline: Deadline): Promise<StepResult> {
  const result = await cluster.readMetrics(pod, deadline).then(resultOf, failureOf);
  return result instanceof ScrapeError
    ? failed(result.code, podLine(pod, result), { pod: pod.name })
    : ok(podLine(pod, result));
}

function failureOf(error: unknown): ScrapeError {
  if (error instanceof ScrapeError) return error;
  throw error;
}

/** An API server dials a pod for 30 s before it reports that the port is blocked: seen on kube-apiserver 1.35. */
const DIAL_MS = 30_000;
const PATIENCE_MS = DIAL_MS + 5_000;
/** For all pods together. */
const READ_MS = 30_000;
/** Of the step's time, for its result. */
const RESERVE_MS = 1_000;

/**
 * Reads every pod as a cycle does, and names the nodes that could not be read, by cause. The first pod that is silent is
 * asked once more, for as long as the API server needs to report a blocked port.
 * @param each called with the line of every pod
 */
export async function scrapeAll(
  cluster: PodReader,
  pods: readonly Pod[],
  options: ScrapeOptions,
  each: (line: string) => void,
): Promise<StepResult> {
  const places = emptyFold();
  let patient: Promise<Verdict> | undefined;
  const deadline = options.deadline.within(READ_MS);
  const latest = options.deadline.earlierBy(RESERVE_MS);
  const all = { counted: pods, rivals: [], memories: undefined };
  const { fold } = await readPods(cluster, all, { ...options, deadline }, (pod, result) => {
    each(podLine(pod, result));
    if (!(result instanceof ScrapeError)) return;
    addFailure(places, placeOf(pod), result.code, result.message);
    if (result.code !== 'scrape-timeout' || latest.hasPassed) return;
    patient ??= askPatiently(cluster, pod, latest, options.clock);
    // It is awaited later.
    patient.catch(() => undefined);
  });
  const { failures } = coverageOf(places, pods.length);
  const worst = mainFailure(failures);
  const verdict = worst?.code === 'scrape-timeout' ? await patient : undefined;
  const seen = [
    `${fold.readings.size} of ${pods.length} pods read`,
    ...(verdict?.seen ?? []),
    ...failures.map(failureSentence),
  ].join('; ');
  return worst ? failed(verdict?.code ?? worst.code, seen) : ok(seen);
}

interface Verdict {
  readonly code: ScrapeError['code'];
  readonly seen: readonly string[];
}

/** Why a pod is silent: a blocked port, or a node that is slow. */
async function askPatiently(
  cluster: PodReader,
  pod: Pod,
  deadline: Deadline,
  clock: Clock,
): Promise<Verdict> {
  const started = clock.elapsed();
  const result = await cluster.readMetrics(pod, deadline.within(PATIENCE_MS)).then(resultOf, failureOf);
  const ms = clock.elapsed() - started;
  const seconds = `${(ms / 1_000).toFixed(1)} s`;
  if (!(result instanceof ScrapeError))
    return { code: 'scrape-timeout', seen: [`${pod.name} answers after ${seconds}, so its port is open`] };
  const { code, message } = result;
  if (code !== 'scrape-timeout') return { code, seen: [`${pod.name} after ${seconds}: ${message}`] };
  const isOpen = `${pod.name} is silent for ${seconds}, so its port is open: the API server reports a blocked one after ${DIAL_MS / 1_000} s`;
  return { code, seen: ms > DIAL_MS ? [isOpen] : [] };
}
