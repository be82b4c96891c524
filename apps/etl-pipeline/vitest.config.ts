import { defineProject } from 'vitest/config';

export default defineProject({
  test: { name: 'etl-pipeline', include: ['src/**/*.test.ts'], exclude: ['**/*.{chaos,soak}.test.ts'] },
});
