import { defineConfig } from 'vitest/config';

// Processes and servers are killed while they work: `pnpm test:chaos`. One file at a time, so that one trouble shows at a time.
export default defineConfig({
  test: {
    name: 'chaos',
    include: ['{packages,apps,tooling}/*/{src,test}/**/*.chaos.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
  },
});
