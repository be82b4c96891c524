import { defineProject } from 'vitest/config';

export default defineProject({ test: { name: 'redis-launcher', include: ['src/**/*.test.ts'], testTimeout: 30_000 } });
