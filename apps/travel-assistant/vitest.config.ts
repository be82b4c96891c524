import { defineProject } from 'vitest/config';

export default defineProject({
  test: { name: 'travel-assistant', include: ['src/**/*.test.ts'], exclude: ['**/*.{chaos,soak}.test.ts'] },
});
