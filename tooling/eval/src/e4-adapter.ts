/**
 * Model replies: what the planner would take for a plan, and what JSON is found at all.
 *
 * @module
 */
import { extractJson } from '@gomind/orchestration';

interface ReplyStep {
  readonly depends_on?: unknown;
  readonly dependsOn?: unknown;
}

/**
 * The plan in a reply.
 *
 * @throws Error with the diagnostics when the reply holds no whole plan
 */
export function parsePlan(reply: string, options: { readonly finishReason?: string } = {}): { steps: unknown[] } {
  const value = unwrap(read(reply, { ...options, fits: (found) => isPlan(unwrap(found)) }));
  if (!isPlan(value)) {
    throw new Error('the reply holds JSON, but no plan');
  }
  return { steps: value.steps.map((step) => ({ ...step, depends_on: step.depends_on ?? step.dependsOn })) };
}

/**
 * Any JSON value in a reply, closing what a cut-off one left open.
 *
 * @throws Error with the diagnostics when there is none
 */
export function parseJson(reply: string): unknown {
  return read(reply, { allowTruncated: true });
}

function read(reply: string, options: Parameters<typeof extractJson>[1]): unknown {
  const result = extractJson(reply, options);
  if (result.ok) return result.value;
  throw new Error(result.diagnostics.map(({ code, message }) => `${code}: ${message}`).join('; '));
}

function isPlan(value: unknown): value is { readonly steps: readonly ReplyStep[] } {
  return typeof value === 'object' && value !== null && 'steps' in value && Array.isArray(value.steps);
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null)) return { steps: value };
  return typeof value === 'object' && value !== null && 'plan' in value ? value.plan : value;
}
