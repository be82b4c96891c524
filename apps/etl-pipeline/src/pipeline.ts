/**
 * The wiring: four served components, one engine, one file.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GomindError, LocalDiscovery, serve } from '@gomind/core';
import {
  createWorkflowEngine,
  formatDiagnostic,
  parseWorkflow,
  type WorkflowRun,
  type WorkflowRunOptions,
} from '@gomind/orchestration';
import { extractor, loader, transformer, validator } from './components.ts';

/** Where the workflow stands. */
const workflowFile: string = join(import.meta.dirname, '../etl.yaml');

/**
 * Runs the pipeline once.
 *
 * @throws GomindError `PLAN_REJECTED` when the workflow file is wrong; what `engine.execute` throws
 */
export async function runPipeline(
  inputs: { readonly source: string; readonly destination: string },
  options: WorkflowRunOptions = {},
): Promise<WorkflowRun> {
  await using discovery = new LocalDiscovery();
  const components = await Promise.all(
    [extractor, validator, transformer, loader].map((component) =>
      serve(component, { registry: discovery, discovery, bodyLimitBytes: 16 * 1_048_576 }),
    ),
  );
  try {
    const source = await readFile(workflowFile, 'utf8');
    const { workflow, diagnostics } = parseWorkflow(source, {
      file: workflowFile,
      components: await discovery.discover(),
    });
    if (workflow === undefined) {
      const message = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, source)).join('\n');
      throw new GomindError({ code: 'PLAN_REJECTED', message });
    }
    await using engine = createWorkflowEngine({ discovery }, { logLevel: 'error' });
    return await engine.execute(workflow, inputs, options);
  } finally {
    await Promise.all(components.map((component) => component.close()));
  }
}
