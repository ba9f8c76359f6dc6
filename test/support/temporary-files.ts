import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let directory: string;

/** A new folder, which ends with the run. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'test-'));

/** Gives a run a temporary directory of its own: the CDK writes an assembly for each synthesis and never removes it. */
export function setup(): void {
  directory = mkdtempSync(join(tmpdir(), 'eks-cni-metrics-test-'));
  process.env.TMPDIR = directory;
}

export function teardown(): void {
  rmSync(directory, { recursive: true, force: true });
}
