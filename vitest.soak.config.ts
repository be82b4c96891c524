import { defineConfig } from 'vitest/config';

// Long runs with a bound on what is left behind: `pnpm test:soak`. Alone in its process, with a collector that can be called.
export default defineConfig({
  test: {
    name: 'soak',
    include: ['{packages,apps,tooling}/*/{src,test}/**/*.soak.test.ts'],
    fileParallelism: false,
    execArgv: ['--expose-gc'],
    testTimeout: 600_000,
  },
});
