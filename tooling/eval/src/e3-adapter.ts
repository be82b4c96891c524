/**
 * Workflow files: what is read of them, and what a run of them does.
 *
 * @module
 */
import { noopLogger } from '@gomind/core';
import { compileWorkflow, createWorkflowEngine, parseWorkflow } from '@gomind/orchestration';

interface LoadedStep {
  readonly name: string;
  readonly depends_on: readonly string[];
  readonly retry?: { readonly max_attempts: number };
  readonly timeoutMs?: number;
}

/** The steps of a file, or everything that is wrong with it. */
export function load(
  yaml: string,
): { readonly ok: true; readonly steps: LoadedStep[] } | { readonly ok: false; readonly errors: string[] } {
  const { workflow, diagnostics } = parseWorkflow(yaml, { file: 'case.yaml' });
  if (workflow === undefined) {
    return {
      ok: false,
      errors: diagnostics.map(
        ({ line, column, code, step, path, message }) =>
          `${String(line)}:${String(column)} ${code} ${step ?? ''} ${path ?? ''} ${message}`,
      ),
    };
  }
  return {
    ok: true,
    steps: compileWorkflow(workflow).steps.map(({ name, dependsOn, retry, timeoutMs }) => ({
      name,
      depends_on: dependsOn,
      ...(retry === undefined ? {} : { retry: { max_attempts: retry.maxAttempts } }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })),
  };
}

/** Runs a file with the given calls. */
export async function run(
  yaml: string,
  inputs: Readonly<Record<string, unknown>>,
  options: { call(target: string, action: string, inputs: Record<string, unknown>): Promise<unknown> },
): Promise<{ readonly ok: boolean; readonly outputs: unknown; readonly errors: readonly unknown[] }> {
  const { workflow, diagnostics } = parseWorkflow(yaml);
  if (workflow === undefined) return { ok: false, outputs: {}, errors: diagnostics };
  // No `await using`: the scorer starts this file in processes of its own, and Node 22 does not know it.
  const engine = createWorkflowEngine({
    logger: noopLogger,
    call: ({ component, action, inputs: given }) => options.call(component, action, given),
  });
  try {
    const { status, outputs, errors } = await engine.execute(workflow, inputs);
    return { ok: status === 'completed', outputs, errors };
  } finally {
    await engine.close();
  }
}
