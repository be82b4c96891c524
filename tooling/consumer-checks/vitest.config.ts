import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'consumer-checks',
    include: ['src/**/*.test.ts'],
    globalSetup: ['src/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
