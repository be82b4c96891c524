/**
 * Who may import whom: the one table that lint (`import-direction.js`) and the test project `boundaries` both read, each
 * with a detection of its own. docs/architecture.md says why the arrows point this way.
 *
 * @module
 */

/**
 * Published packages, and which others their source may import. A new package gets a line here.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const packages = {
  '@gomind/core': [],
  '@gomind/telemetry': ['@gomind/core'],
  '@gomind/resilience': ['@gomind/core', '@gomind/telemetry'],
  '@gomind/ai': ['@gomind/core', '@gomind/telemetry'],
  '@gomind/orchestration': ['@gomind/core', '@gomind/telemetry'],
  '@gomind/redis': ['@gomind/core'],
  '@gomind/cli': [
    '@gomind/core',
    '@gomind/telemetry',
    '@gomind/ai',
    '@gomind/resilience',
    '@gomind/orchestration',
    '@gomind/redis',
  ],
};

/**
 * Libraries that one package wraps for the rest of the house: no other package's source may import them.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const wrappedLibraries = {
  '@opentelemetry/api': '@gomind/telemetry',
  opossum: '@gomind/resilience',
  openai: '@gomind/ai',
  ioredis: '@gomind/redis',
};

/**
 * Rooms: the entries of a package's `src`, top floor first. Imports point down the list only; strangers never meet.
 *
 * @type {Readonly<Record<string, { readonly order: readonly string[], readonly strangers: readonly (readonly [string, string])[] }>>}
 */
export const rooms = {
  '@gomind/orchestration': {
    order: [
      'index.ts',
      'wiring',
      'orchestrator',
      'workflow',
      'planning',
      'synthesis',
      'runs',
      'execution',
      'recovery',
      'capabilities',
      'llm',
      'plan',
      'observation',
    ],
    strangers: [
      ['planning', 'execution'],
      ['workflow', 'orchestrator'],
    ],
  },
};

/**
 * Entry points that only tests may import.
 *
 * @type {readonly string[]}
 */
export const testEntryPoints = ['@gomind/core/testing'];

/** Files of a package or app that may use its devDependencies, by their path inside it. */
export const testFiles = /^(test|bench)\/|\.test(-d)?\.[cm]?ts$|^[^/]+\.config\.[cm]?[jt]s$/;
