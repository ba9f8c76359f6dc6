import { join } from 'node:path';
import { build, CannotBuild, checkGo } from './build.ts';
import { cached, hashOf, isExecutable } from './cache.ts';
import { ENVTEST_PARTS, PART_NAMES, PARTS, type Part, type PartName } from './parts.ts';

/** Where each program is. */
export type PartFiles = Readonly<Record<PartName, string>>;

/**
 * Finds every part, and builds those that are missing: kube-apiserver, etcd and kubectl in KUBEBUILDER_ASSETS
 * where it is set, everything else in `$XDG_CACHE_HOME/eks-cni-metrics/real-parts`. The first build of all of
 * them takes some 18 CPU-minutes.
 * @param say takes a line for each part that is built
 * @param signal ends a build
 * @throws CannotBuild where this machine cannot build what is missing
 */
export async function findParts(say: (line: string) => void, signal: AbortSignal): Promise<PartFiles> {
  const files = Object.fromEntries(
    await Promise.all(PART_NAMES.map(async (name) => [name, await fileOf(name)])),
  ) as PartFiles;
  const missing: PartName[] = [];
  for (const name of PART_NAMES) if (!(await isExecutable(files[name]))) missing.push(name);
  if (missing.length > 0) await checkGo();
  for (const name of missing) {
    if (isOfEnvtest(name)) throw new CannotBuild(`KUBEBUILDER_ASSETS has no ${name}`);
    const from = performance.now();
    say(`Building ${name} ${PARTS[name].version}`);
    await build(PARTS[name], files[name], signal);
    say(`Built ${name} in ${Math.round((performance.now() - from) / 1000)} s: ${files[name]}`);
  }
  return files;
}

const isOfEnvtest = (name: PartName) =>
  Boolean(process.env.KUBEBUILDER_ASSETS) && ENVTEST_PARTS.includes(name);

async function fileOf(name: PartName): Promise<string> {
  const { KUBEBUILDER_ASSETS = '' } = process.env;
  return isOfEnvtest(name) ? join(KUBEBUILDER_ASSETS, name) : cached(name, await revisionOf(PARTS[name]));
}

/** The version, with that of the project's own source. */
async function revisionOf({ version, source }: Part): Promise<string> {
  return source === undefined ? version : `${version}-${await hashOf(source)}`;
}
