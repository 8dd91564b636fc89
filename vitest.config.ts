/** Fast tests by default; HEADROOM_FULL=1 adds browsers, faults and sweeps. */
import { defineConfig } from 'vitest/config';

const full = process.env.HEADROOM_FULL === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: full ? [] : ['test/**/*.browser.test.ts', 'test/**/*.full.test.ts'],
    testTimeout: full ? 120_000 : 30_000,
    hookTimeout: 120_000,
    // One more than the cores that are counted on: some tests wait for sockets and clocks.
    maxWorkers: full ? 2 : 3,
    // Files that share a worker load what they share once: a quarter less work. A sweep gets a process of its own.
    isolate: full,
    globalSetup: ['test/flow/assembly-folder.ts'],
  },
});
