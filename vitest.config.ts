import { defineConfig } from 'vitest/config';
import './tooling/scripts/src/check-node.js';

export default defineConfig({ test: { projects: ['packages/*', 'apps/*', 'tooling/*/vitest.config.ts'] } });
