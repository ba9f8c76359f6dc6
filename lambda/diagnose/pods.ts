import { placeOf, podLine } from '../collect/pod-lines.ts';
import type { ClusterApi, Pod } from '../collect/ports.ts';
import { readPods } from '../collect/read-pods.ts';
import { failureSentence, mostTelling, podsReport } from '../collect/report.ts';
import { resultOf, type ScrapeOptions } from '../collect/scrape.ts';
import { addFailure, emptyFold } from '../domain/fold.ts';
import { ScrapeError } from '../errors.ts';
import { type Finding, failed, ok } from './step-result.ts';

type Reader = Pick<ClusterApi, 'readMetrics'>;

/** Reads one pod the way a cycle does. */
export async function scrapeOne(api: Reader, pod: Pod, timeoutMs: number): Promise<Finding> {
  const result = await api.readMetrics(pod, timeoutMs).then(resultOf, failureOf);
  return result instanceof ScrapeError
    ? failed(result.code, podLine(pod, result), { pod: pod.name })
    : ok(podLine(pod, result));
}

function failureOf(error: unknown): ScrapeError {
  if (error instanceof ScrapeError) return error;
  throw error;
}

/** Reads every pod the way a cycle does, and names the nodes that could not be read, by cause. */
export async function scrapeAll(
  api: Reader,
  pods: readonly Pod[],
  options: ScrapeOptions,
  tell: (line: string) => void,
): Promise<Finding> {
  const places = emptyFold();
  const { readings } = await readPods(api, pods, options, (pod, result) => {
    if (result instanceof ScrapeError) addFailure(places, placeOf(pod), result.code, result.message);
    tell(podLine(pod, result));
  });
  const { failures } = podsReport(places, pods.length);
  const seen = [`${readings.size} of ${pods.length} pods read`, ...failures.map(failureSentence)].join('; ');
  const worst = mostTelling(failures);
  return worst ? failed(worst.code, seen) : ok(seen);
}
