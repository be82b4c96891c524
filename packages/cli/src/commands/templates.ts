/**
 * What `gomind init` writes.
 *
 * @module
 */

/** Files of a new project by path. */
export type ProjectFiles = Readonly<Record<string, string>>;

const tool = `import { defineTool, serve } from '@gomind/core';
import { z } from 'zod';

const greeter = defineTool({
  name: 'greeter',
  description: 'Greets people',
  capabilities: {
    greet: {
      description: 'Greet a person by name',
      effect: 'pure',
      input: z.object({ name: z.string().describe('Name of the person') }),
      output: z.object({ summary: z.string() }),
      handler: ({ name }) => ({ summary: \`Hello, \${name}!\` }),
    },
  },
});

const served = await serve(greeter, { port: 4101 });
console.log(\`greeter listens at \${served.url}\`);
`;

const agent = `import { defineAgent, LocalDiscovery, serve } from '@gomind/core';
import { z } from 'zod';

const discovery = new LocalDiscovery();

const guide = defineAgent({
  name: 'guide',
  description: 'Knows what there is',
  capabilities: {
    list_components: {
      description: 'List the components that are registered',
      effect: 'pure',
      input: z.object({}),
      output: z.object({ names: z.array(z.string()) }),
      handler: async (_input, context) => ({ names: (await context.discovery.discover()).map(({ name }) => name) }),
    },
  },
});

const served = await serve(guide, { port: 4102, registry: discovery, discovery });
console.log(\`guide listens at \${served.url}\`);
`;

const components = `[
  {
    "name": "greeter",
    "address": "127.0.0.1",
    "port": 4101,
    "description": "Greets people",
    "capabilities": [
      {
        "name": "greet",
        "description": "Greet a person by name",
        "effect": "pure",
        "inputSchema": { "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] }
      }
    ]
  }
]
`;

const workflow = `# yaml-language-server: $schema=./workflow.schema.json
name: greet-everybody
inputs:
  names:
    type: array
    default: [Ada, Grace]
steps:
  - name: greet
    tool: greeter
    action: greet
    for_each: \${inputs.names}
    inputs:
      name: \${item}
outputs:
  greetings: \${steps.greet.output}
`;

const orchestrator = `import { LocalDiscovery, serve } from '@gomind/core';
import { createAIClientFromEnvironment } from '@gomind/ai';
import { createSimpleOrchestrator } from '@gomind/orchestration';
import { greeter } from './greeter.ts';

const discovery = new LocalDiscovery();
await using served = await serve(greeter, { registry: discovery });
await using aiClient = createAIClientFromEnvironment();
await using orchestrator = createSimpleOrchestrator(discovery, aiClient);
const answer = await orchestrator.processRequest(process.argv.slice(2).join(' ') || 'Greet "Ada"');
console.log(answer.status, answer.response);
`;

const exportedTool = tool
  .replace('const greeter', 'export const greeter')
  .replace("import { defineTool, serve } from '@gomind/core';", "import { defineTool } from '@gomind/core';")
  .slice(0, -1)
  .replace(/\nconst served[\s\S]*$/, '');

function packageJson(name: string, start: string, packages: readonly string[]): string {
  const dependencies = Object.fromEntries([
    ...packages.map((each) => [each, '*'] as const),
    ['zod', '^4.0.0'] as const,
  ]);
  return `${JSON.stringify({ name, private: true, type: 'module', engines: { node: '>=24' }, scripts: { start }, dependencies }, null, 2)}\n`;
}

/** Projects by the name of their template; \`name\` is that of the project. */
export const templates: Readonly<Record<string, (name: string) => ProjectFiles>> = {
  tool: (name) => ({ 'package.json': packageJson(name, 'node tool.ts', ['@gomind/core']), 'tool.ts': tool }),
  agent: (name) => ({ 'package.json': packageJson(name, 'node agent.ts', ['@gomind/core']), 'agent.ts': agent }),
  workflow: (name) => ({
    'package.json': packageJson(name, 'gomind run workflow.yaml --components components.json', [
      '@gomind/core',
      '@gomind/cli',
    ]),
    'workflow.yaml': workflow,
    'components.json': components,
    'tool.ts': tool,
  }),
  orchestrator: (name) => ({
    'package.json': packageJson(name, 'node main.ts', ['@gomind/core', '@gomind/ai', '@gomind/orchestration']),
    'greeter.ts': exportedTool,
    'main.ts': orchestrator,
  }),
};
