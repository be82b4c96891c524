/**
 * The house's ESLint configuration. Formatting is prettier's, cycles are oxlint's (`pnpm boundaries`).
 *
 * @module
 */
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import gomind from './import-direction.js';
import { singleDoors } from './single-doors.js';

export { singleDoors };

const scripts = ['**/*.{js,cjs,mjs}'];

/**
 * The import rule alone; it parses TypeScript, and needs no type information.
 *
 * @type {import('eslint').Linter.Config[]}
 */
export const importDirection = [
  {
    files: ['{packages,apps,tooling}/**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    plugins: { gomind },
    linterOptions: { noInlineConfig: true },
    rules: { 'gomind/import-direction': 'error' },
  },
];

export default defineConfig(
  globalIgnores(['**/dist/**', '**/.tsbuild/**', '**/.turbo/**', '**/.pack/**', '**/coverage/**']),
  js.configs.recommended,
  { linterOptions: { noInlineConfig: true } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.ts'] } } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // What was caught or kept as `unknown` may be thrown again.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }],
      // Off: control characters are in patterns because text from outside is cleaned of them.
      'no-control-regex': 'off',
      // Off: takes a field that only `??=` reads (a promise that is at work) for an unused one.
      'no-unused-private-class-members': 'off',
      'no-eval': 'error',
      'no-new-func': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['{packages,apps}/*/src/**/*.ts'], ignores: ['**/*.test.ts'], rules: { 'max-lines': ['error', 400] } },
  // Compatible servers know the deprecated `max_tokens` only; OpenAI's own get the new name.
  { files: ['packages/ai/src/wire/chat-request.ts'], rules: { '@typescript-eslint/no-deprecated': 'off' } },
  { files: ['**/*.config.ts'], extends: [tseslint.configs.disableTypeChecked] },
  { files: scripts, languageOptions: { globals: { URL: 'readonly', process: 'readonly' } } },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs', globals: { module: 'writable' } } },
  singleDoors,
  importDirection,
);
