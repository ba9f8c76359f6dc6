import { defineConfig } from 'vitest/config';

const INFRA = 'test/infra/**/*.test.ts';
/** They need a real control plane: npm run test:real. */
const SCENARIOS = 'test/real/scenarios/**';

export default defineConfig({
  test: {
    // Wire tests start servers and child processes; a loaded two-core machine needs the slack.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: 'test/support/temporary-files.ts',
    unstubEnvs: true,
    reporters: ['default', ['json', { outputFile: 'dist/test-results.json' }]],
    projects: [
      {
        extends: true,
        test: { name: 'function', include: ['test/**/*.test.ts'], exclude: [INFRA, SCENARIOS] },
      },
      // Synthesis has no state of its own, and loading aws-cdk-lib anew for each file takes longer than the tests.
      { extends: true, test: { name: 'infra', include: [INFRA], isolate: false } },
    ],
  },
});
