import { styleText } from 'node:util';
import type { EmbeddedCluster } from '../embedded-cluster.ts';
import { breakLink, LINKS, type LinkName } from '../fault-injection/faults.ts';
import { loadFunction } from '../load-function.ts';
import { renderDiagnosis } from './diagnosis-table.ts';

interface Output {
  readonly json: boolean;
  /** Characters a line may have. */
  readonly width: number;
  readonly write: (text: string) => void;
  /** Takes the function's log lines. */
  readonly log: (line: string) => void;
}

/** Breaks one link of the cluster, and has the function diagnose it. */
export async function showBroken(
  cluster: EmbeddedCluster,
  name: LinkName,
  { json, width, write, log }: Output,
): Promise<void> {
  const broken = await breakLink(cluster, name);
  try {
    if (!json) write(`${styleText('bold', `Broken: ${LINKS[name].broken}`)}\n\n`);
    const invoke = await loadFunction(broken, log);
    const diagnosis = await invoke({ diagnose: true });
    write(json ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : `${renderDiagnosis(diagnosis, width)}\n`);
  } finally {
    await broken.close();
  }
}
