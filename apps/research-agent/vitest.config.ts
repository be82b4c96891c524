import { defineProject } from 'vitest/config';

export default defineProject({
  test: { name: 'research-agent', include: ['src/**/*.test.ts'], exclude: ['**/*.{chaos,soak}.test.ts'] },
});
