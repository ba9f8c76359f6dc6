import { coverageOf, failureSentence, mostTelling } from '../collect/coverage.ts';
import { placeOf, podLine } from '../collect/pod-lines.ts';
import type { ClusterReader, Pod } from '../collect/ports.ts';
import { readPods } from '../collect/read-pods.ts';
import { resultOf, type ScrapeOptions } from '../collect/scrape.ts';
import type { Deadline } from '../deadline.ts';
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

/**
 * Reads every pod as a cycle does, and names the nodes that could not be read, by cause.
 * @param each called with the line of every pod
 */
export async function scrapeAll(
  cluster: PodReader,
  pods: readonly Pod[],
  options: ScrapeOptions,
  each: (line: string) => void,
): Promise<StepResult> {
  const places = emptyFold();
  const { readings } = await readPods(cluster, pods, options, (pod, result) => {
    if (result instanceof ScrapeError) addFailure(places, placeOf(pod), result.code, result.message);
    each(podLine(pod, result));
  });
  const { failures } = coverageOf(places, pods.length);
  const seen = [`${readings.size} of ${pods.length} pods read`, ...failures.map(failureSentence)].join('; ');
  const worst = mostTelling(failures);
  return worst ? failed(worst.code, seen) : ok(seen);
}
