/** Fast tests by default; HEADROOM_FULL=1 adds browsers, faults and sweeps. */
import { defineConfig } from 'vitest/config';

const full = process.env.HEADROOM_FULL === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: full ? [] : ['test/**/*.browser.test.ts', 'test/**/*.full.test.ts'],
    testTimeout: full ? 120_000 : 30_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    globalSetup: ['test/flow/assembly-folder.ts'],
  },
});
