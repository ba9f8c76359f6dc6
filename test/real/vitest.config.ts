import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Started by main.ts, in a network namespace. */
export default defineConfig({
  test: {
    name: 'real',
    root: join(import.meta.dirname, '../..'),
    include: ['test/real/scenarios/*.test.ts'],
    globalSetup: 'test/real/network.ts',
    unstubEnvs: true,
    // Every file starts the control plane on the same ports.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ['default', ['json', { outputFile: 'dist/real-test-results.json' }]],
  },
});
