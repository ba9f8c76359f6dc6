import { styleText } from 'node:util';
import type { EmbeddedCluster } from '../../local/embedded-cluster.ts';
import { FAULTS, type FaultName, injectFault } from '../../local/fault-injection/faults.ts';
import { loadFunction } from '../../local/load-function.ts';
import { renderDiagnosis } from './diagnosis-table.ts';

interface Output {
  readonly json: boolean;
  /** Characters a line may have. */
  readonly width: number;
  readonly write: (text: string) => void;
  /** Takes the function's log lines. */
  readonly log: (line: string) => void;
}

/** Injects one fault into the cluster and lets the function diagnose it. */
export async function showFault(
  cluster: EmbeddedCluster,
  name: FaultName,
  { json, width, write, log }: Output,
): Promise<void> {
  const faulty = await injectFault(cluster, name);
  try {
    if (!json) write(`${styleText('bold', `Broken: ${FAULTS[name].description}`)}\n\n`);
    const invoke = await loadFunction(faulty, log);
    const diagnosis = await invoke({ diagnose: true });
    write(json ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : `${renderDiagnosis(diagnosis, width)}\n`);
  } finally {
    await faulty.close();
  }
}
