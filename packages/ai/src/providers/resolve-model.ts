/**
 * Model names by purpose: `fast`, `smart`, `code`, `vision`, `premium`, `default`.
 *
 * @module
 */
import { type Environment, GomindError, readEnv } from '@gomind/core';
import type { ModelAlias, ProviderEntry } from './provider-table.ts';

/** Where an alias that a provider has no model for leads. */
const fallbacks: Readonly<Record<ModelAlias, ModelAlias | undefined>> = {
  default: undefined,
  fast: 'default',
  smart: 'default',
  premium: 'smart',
  code: 'default',
  vision: 'default',
};

/**
 * The model that a name means: for an alias the variable `GOMIND_<PROVIDER>_MODEL_<ALIAS>`, then the provider's own; any
 * other name stands for itself.
 *
 * @param name a name or an alias; undefined means `default`
 * @throws GomindError `CONFIG_INVALID` when the provider has no model for the alias
 */
export function resolveModel(entry: ProviderEntry, name: string | undefined, environment?: Environment): string {
  const wanted = name ?? 'default';
  if (!isAlias(wanted)) return wanted;
  for (let alias: ModelAlias | undefined = wanted; alias !== undefined; alias = fallbacks[alias]) {
    const model = readEnv(variableFor(entry, alias), environment) ?? entry.models[alias];
    if (model !== undefined) return model;
  }
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `${entry.name} has no ${wanted} model of its own: its models are those you deployed. Pass a model, or set GOMIND_AI_MODEL or ${variableFor(entry, wanted)}.`,
    details: { provider: entry.name, model: wanted },
  });
}

function isAlias(name: string): name is ModelAlias {
  return Object.hasOwn(fallbacks, name);
}

function variableFor(entry: ProviderEntry, alias: ModelAlias): string {
  const provider = entry.name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
  return `GOMIND_${provider}_MODEL_${alias.toUpperCase()}`;
}
