/**
 * What a workflow sees beside its inputs: the variables and secrets that it names, and no others.
 *
 * @module
 */
import { GomindError, protectSecret, withTimeout } from '@gomind/core';
import { findExposedSecrets } from '../check-secrets.ts';
import type { WorkflowDefinition } from '../definition.ts';

/** Values of secrets by name. */
export interface SecretProvider {
  /** @returns the value, or undefined when there is no such secret */
  get(name: string): string | undefined | Promise<string | undefined>;
}

/** Where the values come from. */
export interface ScopeSources {
  readonly secrets: SecretProvider;
  /** Environment variables that workflows may read. */
  readonly env: Readonly<Record<string, string>>;
}

/** Variables and secrets of one workflow. */
export interface WorkflowScope {
  readonly env: Readonly<Record<string, string | null>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Looks up what a workflow names; a vault that does not answer is left when the signal aborts.
 *
 * @throws GomindError `CONFIG_INVALID` for secrets that there are none of, `SECRET_EXPOSED` for one that would be recorded or shown
 */
export async function scopeOf(
  workflow: WorkflowDefinition,
  sources: ScopeSources & { readonly signal: AbortSignal },
): Promise<WorkflowScope> {
  const [exposed] = workflow.secrets.length === 0 ? [] : findExposedSecrets(workflow);
  if (exposed !== undefined) {
    const { code, message } = exposed.diagnostic;
    throw new GomindError({ code, message, details: { path: exposed.path.join('.') } });
  }
  const env = Object.entries(workflow.env).map(([name, fallback]) => [name, sources.env[name] ?? fallback ?? null]);
  return {
    env: Object.fromEntries(env) as WorkflowScope['env'],
    secrets: await withTimeout(() => secretsOf(workflow, sources.secrets), {
      timeoutMs: undefined,
      what: 'The run',
      signal: sources.signal,
    }),
  };
}

async function secretsOf(
  { secrets, name: workflow }: WorkflowDefinition,
  provider: SecretProvider,
): Promise<Record<string, string>> {
  const values = await Promise.all(secrets.map(async (name) => [name, await provider.get(name)] as const));
  for (const [name, value] of values as readonly (readonly [string, unknown])[]) {
    if (typeof value === 'string') protectSecret(value);
    else if (value !== undefined) {
      const message = `The secret ${name} must be text, but the secret provider returned a ${typeof value}.`;
      throw new GomindError({ code: 'CONFIG_INVALID', message });
    }
  }
  const missing = values.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length === 0) return Object.fromEntries(values) as Record<string, string>;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The workflow "${workflow}" needs the secrets ${missing.join(', ')}, which the secret provider does not have.`,
    details: { missing },
  });
}
