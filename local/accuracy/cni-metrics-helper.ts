import { COUNTERS } from '../../lambda/domain/catalog.ts';

/** The counters that AWS's helper publishes, as positions in COUNTERS: those that are a whole family. */
export const HELPER_COUNTERS: readonly number[] = COUNTERS.flatMap(
  ({ name, select, onlyIfExposed }, position) =>
    select || onlyIfExposed || name === 'noAvailableIPAddresses' ? [] : [position],
);

/**
 * The counting rule of AWS's cni-metrics-helper v1.23.2, restated from what it does
 * (metricsListGrabAggregateConvert, processMetric and postProcessingCounter in
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.2/cmd/cni-metrics-helper/metrics/metrics.go): one
 * accumulator a family for the whole cluster, from which the last total is taken off after each pod.
 */
export function createCniMetricsHelper() {
  const accumulators = COUNTERS.map(() => ({ current: 0, last: 0 }));

  return {
    /**
     * One poll.
     * @param answers of the pods that answered, in the order in which they were read, on which the result
     *   depends (the helper's is random): the totals by position in COUNTERS (what follows is ignored), NaN where
     *   the family is not exposed
     * @returns what is published, by position in COUNTERS; undefined: nothing
     */
    poll(answers: Iterable<readonly number[]>): readonly (number | undefined)[] {
      for (const accumulator of accumulators) accumulator.current = 0;
      let families: readonly number[] = [];
      for (const counters of answers) {
        families = HELPER_COUNTERS.filter((position) => !Number.isNaN(counters[position]));
        for (const position of families) {
          const accumulator = accumulators[position];
          if (!accumulator) continue;
          accumulator.current += counters[position] ?? 0;
          const total = accumulator.current;
          // What the pods before have added is a difference by now, and the next pod's value is added to it.
          if (total >= accumulator.last) accumulator.current = total - accumulator.last;
          accumulator.last = total;
        }
      }
      // Only the families of the last pod that answered; the first poll publishes too.
      return COUNTERS.map((_, position) =>
        families.includes(position) ? accumulators[position]?.current : undefined,
      );
    },
  };
}
