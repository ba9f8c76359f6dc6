import type { ClusterReader } from '../../collect/ports.ts';
import { ScrapeError } from '../../errors.ts';
import { parseMetrics } from '../api-server/parse-metrics.ts';
import { readAnswer } from '../api-server/pod-metrics.ts';
import { ReceiveMemory } from '../api-server/receive-memory.ts';
import { podFailure, repeatable } from '../api-server/status-failure.ts';
import { statusMessage } from '../api-server/status-message.ts';
import { getMetrics } from './get-metrics.ts';
import { refuseAddress } from './node-address.ts';

/**
 * Reads metrics from the nodes themselves, at the addresses of the list. An answer has no proof of who sent it.
 * @param nodeCidrs see `refuseAddress`
 */
export function nodeMetrics(nodeCidrs: readonly string[] | undefined): Pick<ClusterReader, 'readMetrics'> {
  const refuse = refuseAddress(nodeCidrs);
  const memory = new ReceiveMemory();
  return {
    async readMetrics({ address }, deadline) {
      if (address === undefined)
        throw new ScrapeError('pod-without-address', 'the list has no address for the pod');
      const refusal = refuse(address);
      if (refusal !== undefined) throw new ScrapeError('address-refused', refusal);
      return getMetrics({ address, deadline, memory, read });
    },
  };
}

const read = readAnswer(({ status, body }) => {
  if (status === 200) return parseMetrics(body);
  const { code, retryable = false } = repeatable(podFailure(status), body.length);
  throw new ScrapeError(code, `status ${status}: ${statusMessage(body)}`, { retryable });
});
