/**
 * What `gomind init` writes.
 *
 * @module
 */

/** Files of a new project by path. */
export type ProjectFiles = Readonly<Record<string, string>>;

const greeter = `import { defineTool } from '@gomind/core';
import { z } from 'zod';

export const greeter = defineTool({
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
`;

const tool = `import { serve } from '@gomind/core';
import { greeter } from './greeter.ts';

const served = await serve(greeter, { port: 4101 });
console.log(\`greeter listens at \${served.url}. Ctrl-C ends it. Try:\`);
console.log(\`  curl \${served.url}/api/capabilities/greet --json '{"name":"Ada"}'\`);
console.log(\`  npx gomind components test \${served.url}\`);
`;

const agent = `import { defineAgent, LocalDiscovery, serve } from '@gomind/core';
import { z } from 'zod';

// Within this process only; new RedisDiscovery({ url }) of @gomind/redis finds the tools of all processes.
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
console.log(\`guide listens at \${served.url}. Ctrl-C ends it. Try:\`);
console.log(\`  curl \${served.url}/api/capabilities/list_components --json '{}'\`);
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

const startWorkflow = `import { spawn } from 'node:child_process';
import { serve } from '@gomind/core';
import { greeter } from './greeter.ts';

// The workflow calls its tool over HTTP, so it is served first. With tools that run elsewhere, the second line alone does it.
const served = await serve(greeter, { port: 4101 });
const run = spawn('gomind run workflow.yaml --components components.json', { shell: true, stdio: 'inherit' });
run.once('exit', (code) => {
  process.exitCode = code ?? 1;
  void served.close();
});
`;

const orchestrator = `import { createAIClientFromEnvironment } from '@gomind/ai';
import { LocalDiscovery, serve } from '@gomind/core';
import { createSimpleOrchestrator } from '@gomind/orchestration';
import { greeter } from './greeter.ts';

// npm start -- 'Greet "Grace"'. With OPENAI_API_KEY a model plans and answers, without one the basic router does.
const request = process.argv.slice(2).join(' ') || 'Greet "Ada"';
const discovery = new LocalDiscovery();
const served = await serve(greeter, { registry: discovery });
const aiClient = createAIClientFromEnvironment();
const orchestrator = createSimpleOrchestrator(discovery, aiClient);
try {
  const answer = await orchestrator.processRequest(request);
  console.log(answer.response);
} finally {
  await orchestrator.close();
  await aiClient.close();
  await served.close();
}
`;

interface ProjectManifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
}

function packageJson({ name, version, scripts, packages }: ProjectManifest): string {
  const dependencies = Object.fromEntries([
    ...packages.map((each) => [each, version] as const),
    ['zod', '^4.0.0'] as const,
  ]);
  // From 22.18 on Node runs TypeScript without a flag.
  const manifest = { name, private: true, type: 'module', engines: { node: '>=22.18' }, scripts, dependencies };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const ignored = 'node_modules\n';

/** Projects by the name of their template, for the name of a project and a range of versions of the packages. */
export const templates: Readonly<Record<string, (name: string, version: string) => ProjectFiles>> = {
  tool: (name, version) => ({
    'package.json': packageJson({
      name,
      version,
      scripts: { start: 'node tool.ts' },
      packages: ['@gomind/core', '@gomind/cli'],
    }),
    'greeter.ts': greeter,
    'tool.ts': tool,
    '.gitignore': ignored,
  }),
  agent: (name, version) => ({
    'package.json': packageJson({ name, version, scripts: { start: 'node agent.ts' }, packages: ['@gomind/core'] }),
    'agent.ts': agent,
    '.gitignore': ignored,
  }),
  workflow: (name, version) => ({
    'package.json': packageJson({
      name,
      version,
      scripts: {
        start: 'node start.ts',
        validate: 'gomind validate workflow.yaml --components components.json',
        graph: 'gomind graph workflow.yaml',
      },
      packages: ['@gomind/core', '@gomind/cli'],
    }),
    'workflow.yaml': workflow,
    'components.json': components,
    'greeter.ts': greeter,
    'start.ts': startWorkflow,
    '.gitignore': ignored,
  }),
  orchestrator: (name, version) => ({
    'package.json': packageJson({
      name,
      version,
      scripts: { start: 'node main.ts' },
      packages: ['@gomind/core', '@gomind/ai', '@gomind/orchestration'],
    }),
    'greeter.ts': greeter,
    'main.ts': orchestrator,
    '.gitignore': ignored,
  }),
};
