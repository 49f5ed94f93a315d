import { defineConfig } from 'vitest/config';
import { softwareGpuEnv } from './test/helpers/chromium-package.ts';

/**
 * `vitest run` is the fast suite. `vitest run --mode campaign` repeats the property tests many more times:
 * SHEAF_FUZZ_SCALE multiplies the number of runs (1 in the fast suite, 100 in a campaign unless it is set),
 * SHEAF_FUZZ_SEED replays one seed.
 *
 * The test processes start with a software GPU; with SHEAF_GPU=system they find the machine's own.
 */
export default defineConfig(({ mode }) => {
  const campaign = mode === 'campaign';
  const ci = Boolean(process.env.CI);
  return {
    test: {
      include: ['test/**/*.test.ts'],
      setupFiles: ['test/helpers/fuzz-setup.ts'],
      environment: 'node',
      pool: 'forks',
      maxWorkers: 2,
      testTimeout: campaign ? 3_600_000 : 120_000,
      hookTimeout: campaign ? 3_600_000 : 120_000,
      env: {
        SHEAF_FUZZ_SCALE: process.env.SHEAF_FUZZ_SCALE ?? (campaign ? '100' : '1'),
        ...softwareGpuEnv(),
      },
      reporters: ci ? ['default', ['json', { outputFile: 'reports/vitest.json' }]] : ['default'],
    },
  };
});
