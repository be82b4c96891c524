/**
 * Plans: what is accepted, and what a run of them does.
 *
 * @module
 */
import type { ComponentInfo, JsonSchema } from '@gomind/core';
import { executePlan, validatePlan } from '@gomind/orchestration';

/** A tool as the case sets describe it. */
export interface CaseTool {
  readonly component: string;
  readonly name: string;
  readonly description?: string;
  readonly parameters?: JsonSchema;
  readonly returns?: JsonSchema;
}

interface CaseError {
  readonly code: string;
  readonly step?: string;
  readonly message: string;
}

/** Whether a plan would be run. */
export function validate(
  plan: unknown,
  tools: readonly CaseTool[],
): { readonly ok: boolean; readonly errors: CaseError[] } {
  const { ok, diagnostics } = validatePlan(plan, componentsOf(tools));
  const errors = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, step, message }) => ({
      code: code.toLowerCase(),
      message: `${code}: ${message}`,
      ...(step === undefined ? {} : { step }),
    }));
  return { ok, errors };
}

/** Runs a plan with the given calls. */
export async function execute(
  plan: unknown,
  options: { call(component: string, action: string, inputs: Record<string, unknown>): Promise<unknown> },
): Promise<{
  readonly ok: boolean;
  readonly outputs: Record<string, unknown>;
  readonly errors: readonly { readonly step?: string; readonly message: string }[];
}> {
  const result = await executePlan(plan, {
    maxConcurrency: 1_000,
    call: ({ component, action, inputs }) => options.call(component, action, inputs),
  });
  const outputs = Object.fromEntries(
    Object.entries(result.steps).flatMap(([name, step]) =>
      step.status === 'completed' ? [[name, step.output] as const] : [],
    ),
  );
  return { ok: result.status === 'completed', outputs, errors: result.errors };
}

/** Components that offer the tools. */
export function componentsOf(tools: readonly CaseTool[]): ComponentInfo[] {
  const byName = new Map<string, CaseTool[]>();
  for (const tool of tools) byName.set(tool.component, [...(byName.get(tool.component) ?? []), tool]);
  return [...byName].map(([name, own]) => ({
    id: name,
    name,
    type: 'tool',
    description: '',
    address: '127.0.0.1',
    port: 1,
    capabilities: own.map((tool) => ({
      name: tool.name,
      description: tool.description ?? '',
      ...(tool.parameters === undefined ? {} : { inputSchema: tool.parameters }),
      ...(tool.returns === undefined ? {} : { outputSchema: tool.returns }),
    })),
  }));
}
