import { defineProject } from 'vitest/config';

export default defineProject({ test: { name: 'consumer-checks', include: ['src/**/*.test.ts'], testTimeout: 30_000 } });
