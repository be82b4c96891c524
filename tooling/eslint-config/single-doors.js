/**
 * Single doors: what may be used in one place only (docs/architecture.md lists them), and forms that are never used.
 *
 * @module
 */

const restricted = (message, ...selectors) => selectors.map((selector) => ({ selector, message }));
const member = (object, property) =>
  `MemberExpression[object.name="${object}"]:matches([property.name=${property}], [property.value=${property}])`;
const imported = (source) =>
  `:matches(ImportDeclaration, ImportExpression, ExportNamedDeclaration)[source.value=${source}]`;

/** A door: the selectors of what it guards, and the files (of packages and apps) where it stands open. */
const doors = [
  {
    openIn: ['packages/core/src/config/read-env.ts'],
    selectors: restricted(
      'Read environment variables with readEnv of @gomind/core.',
      member('process', '/^env$/'),
      'VariableDeclarator[init.name="process"] > ObjectPattern > Property[key.name="env"]',
      imported('/^(node:)?process$/'),
    ),
  },
  {
    openIn: ['packages/core/src/contracts/clock.ts'],
    selectors: restricted(
      'Time, timers and randomness come from the Clock contract of @gomind/core.',
      member('Date', '/^now$/'),
      'NewExpression[callee.name="Date"][arguments.length=0]',
      'CallExpression[callee.name="Date"]',
      member('Math', '/^random$/'),
      member('performance', '/^now$/'),
      member('AbortSignal', '/^timeout$/'),
      member('crypto', '/^(randomUUID|getRandomValues)$/'),
      member('globalThis', '/^(setTimeout|setInterval)$/'),
      'CallExpression[callee.name=/^(setTimeout|setInterval)$/]',
      imported('/^(node:)?timers/'),
      imported('/^(node:)?perf_hooks$/'),
      'ImportDeclaration[source.value=/^(node:)?crypto$/] > ImportSpecifier[imported.name=/^random/]',
    ),
  },
  {
    openIn: [
      'packages/orchestration/src/execution/component/component-client.ts',
      // What it is made of; only it calls them.
      'packages/orchestration/src/execution/component/connection-pool.ts',
      'packages/orchestration/src/execution/component/http-exchange.ts',
      'packages/orchestration/src/capabilities/capability-service-client.ts',
      'packages/ai/src/client/limited-fetch.ts',
      // Asks a component what callers never ask, to see whether it keeps its contract.
      'packages/cli/src/support/component-probe.ts',
    ],
    selectors: restricted(
      'HTTP goes out through component-client.ts (components), capability-service-client.ts or limited-fetch.ts (models) only.',
      'CallExpression[callee.name="fetch"]',
      member('globalThis', '/^fetch$/'),
      imported('"undici"'),
    ),
  },
];

const never = [
  ...restricted('Write the public names by hand: no `export *`.', 'ExportAllDeclaration'),
  ...restricted('Export by name.', 'ExportDefaultDeclaration'),
];

const parameters = restricted(
  'At most three parameters; a fourth holds options.',
  ':function[params.length>4]',
  ':function[params.length=4]:not([params.3.name=/[oO]ptions$/], [params.3.right.type="ObjectExpression"], [params.3.typeAnnotation.typeAnnotation.type="TSTypeLiteral"])',
);

const modelJson = restricted(
  'What a model says is read by llm/extract-json.ts only.',
  'CallExpression[callee.object.name="JSON"][callee.property.name="parse"]',
);

const syntaxRule = (selectors) => ({ 'no-restricted-syntax': ['error', ...selectors] });
const every = [...never, ...parameters, ...doors.flatMap((door) => door.selectors)];
const source = ['{packages,apps}/*/src/**/*.ts'];
const tests = ['**/*.test.ts', '**/*.test-d.ts'];

/**
 * Flat configuration; later blocks replace the list of earlier ones for their files.
 *
 * @type {import('eslint').Linter.Config[]}
 */
export const singleDoors = [
  { files: source, rules: syntaxRule(every) },
  {
    files: ['packages/orchestration/src/{orchestrator,planning,synthesis,recovery}/**/*.ts'],
    rules: syntaxRule([...every, ...modelJson]),
  },
  ...doors.map((door) => ({
    files: door.openIn,
    rules: syntaxRule(every.filter((selector) => !door.selectors.includes(selector))),
  })),
  { files: tests, rules: syntaxRule(never) },
  { files: source, ignores: tests, rules: { 'no-console': 'error' } },
];
