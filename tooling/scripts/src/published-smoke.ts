/**
 * Runs the published form of all packages on a version of Node: every entry point is imported, a tool is served, found,
 * planned for and called.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsumerProject } from '@gomind/consumer-checks';
import { type CommandOutcome, runCommand } from './run-command.ts';

const program = `import { readdirSync, readFileSync } from 'node:fs';
let entryPoints = 0;
for (const name of readdirSync('node_modules/@gomind')) {
  const manifest = JSON.parse(readFileSync('node_modules/@gomind/' + name + '/package.json', 'utf8'));
  for (const entry of Object.keys(manifest.exports)) {
    if (entry.endsWith('.json')) continue;
    await import(manifest.name + entry.slice(1));
    entryPoints += 1;
  }
}
const { defineTool, LocalDiscovery, serve } = await import('@gomind/core');
const { createSimpleOrchestrator } = await import('@gomind/orchestration');
const { z } = await import('zod');
const greeter = defineTool({
  name: 'greeter',
  description: 'Greets people',
  capabilities: {
    greet: {
      description: 'Greet a person by name',
      input: z.object({ name: z.string().describe('Name of the person') }),
      handler: ({ name }) => ({ summary: 'Hello, ' + name + '!' }),
    },
  },
});
const discovery = new LocalDiscovery();
const served = await serve(greeter, { registry: discovery });
const orchestrator = createSimpleOrchestrator(discovery);
const { response } = await orchestrator.processRequest('Greet "Ada"');
if (!response.includes('Hello, Ada!')) throw new Error('The answer is: ' + response);
await orchestrator.close();
await served.close();
console.log(process.version + ': ' + entryPoints + ' entry points, and the answer is "' + response.trim() + '"');
`;

/** Runs the smoke test in a project that has the packed packages installed. */
export function runPublished(project: ConsumerProject, node: string): Promise<CommandOutcome> {
  writeFileSync(join(project.folder, 'smoke.mjs'), program);
  return runCommand(node, ['smoke.mjs'], { folder: project.folder, isShown: true });
}
