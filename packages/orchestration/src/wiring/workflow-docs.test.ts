import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRecordingLogger } from '@gomind/core/testing';
import { describe, expect, it } from 'vitest';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { workflowFileSchema } from '../workflow/workflow-schema.ts';
import { createWorkflowEngine } from './create-workflow-engine.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/workflows.md'), 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);

describe('docs/workflows.md', () => {
  it.each(examples.map((yaml) => [/^name: (.*)$/m.exec(yaml)?.[1] ?? '?', yaml]))(
    'holds an example that runs: %s',
    async (_name, yaml) => {
      const { workflow, diagnostics } = parseWorkflow(yaml);
      // What takes effect later is shown, and says so.
      expect(diagnostics.filter(({ code }) => code !== 'NO_EFFECT')).toEqual([]);
      await using engine = createWorkflowEngine({
        call: ({ inputs }) => Promise.resolve(inputs),
        secrets: { get: () => 'secret' },
        onApproval: () => Promise.resolve({ decision: 'approved' }),
        logger: createRecordingLogger(),
      });
      const run = await engine.execute(workflow ?? expect.fail(), {
        ...(yaml.includes('company:') ? { company: 'Acme' } : {}),
      });
      expect(run.errors).toEqual([]);
      expect(run.status).toBe('completed');
    },
  );

  it('explains every key of the format', () => {
    const { keys } = workflowFileSchema();
    const explained = new Set([...page.matchAll(/`([a-z_]+)`/g)].map(([, key]) => key));
    const missing = [...(keys['workflow'] ?? []), ...(keys['step'] ?? []), ...(keys['retry'] ?? [])].filter(
      (key) => key !== '$schema' && !explained.has(key) && !new RegExp(`\\b${key}:`).test(page),
    );
    expect(missing).toEqual([]);
  });
});
