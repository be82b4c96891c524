import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'resilience-demo',
    include: ['src/**/*.test.ts'],
    exclude: ['**/*.{chaos,soak}.test.ts'],
    // One test starts the demo as a process of its own.
    testTimeout: 60_000,
  },
});
