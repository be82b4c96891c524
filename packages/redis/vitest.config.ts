import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'redis',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/*.{chaos,soak}.test.ts'],
    globalSetup: ['@gomind/redis-launcher/global-setup'],
    testTimeout: 20_000,
  },
});
