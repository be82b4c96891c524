/**
 * Small things that capability providers share: capabilities put back into components, and what an offer costs and saves.
 *
 * @module
 */
import { type Capability, type ComponentInfo, GomindError, type Telemetry } from '@gomind/core';
import type { ComponentCatalog } from './component-catalog.ts';

/** What a provider chooses from; a catalog is read as it is at the time. */
export type ComponentSource = readonly ComponentInfo[] | Pick<ComponentCatalog, 'components'>;

/** The components of a source right now. */
export function componentsOf(source: ComponentSource): readonly ComponentInfo[] {
  return 'components' in source ? source.components() : source;
}

/** A capability with its component. */
export interface ChosenCapability {
  readonly component: ComponentInfo;
  readonly capability: Capability;
}

/** All capabilities that a plan may use, in the order of their components. */
export function publicCapabilities(components: readonly ComponentInfo[]): ChosenCapability[] {
  return components.flatMap((component) =>
    component.capabilities
      .filter((capability) => capability.internal !== true)
      .map((capability) => ({ component, capability })),
  );
}

/** Components with only the chosen capabilities, in the order of their first one. */
export function asComponents(chosen: readonly ChosenCapability[]): ComponentInfo[] {
  const byId = new Map<string, ComponentInfo & { readonly capabilities: Capability[] }>();
  for (const { component, capability } of chosen) {
    const known = byId.get(component.id);
    if (known === undefined) byId.set(component.id, { ...component, capabilities: [capability] });
    else if (!known.capabilities.includes(capability)) known.capabilities.push(capability);
  }
  return [...byId.values()];
}

const charactersPerToken = 4;
const capabilityTokens = new WeakMap<Capability, number>();
/** A catalog hands out the same list as long as nothing changes. */
const listTokens = new WeakMap<readonly ComponentInfo[], number>();

/** Tokens that all capabilities of some components cost in a prompt, estimated at four characters each. */
function estimateTokens(components: readonly ComponentInfo[]): number {
  let sum = listTokens.get(components);
  if (sum === undefined) {
    sum = publicCapabilities(components).reduce((total, { capability }) => total + tokensOf(capability), 0);
    listTokens.set(components, sum);
  }
  return sum;
}

function tokensOf(capability: Capability): number {
  let tokens = capabilityTokens.get(capability);
  if (tokens === undefined) {
    tokens = Math.ceil(JSON.stringify(capability).length / charactersPerToken);
    capabilityTokens.set(capability, tokens);
  }
  return tokens;
}

/** One choice, for {@link recordOffer}. */
export interface OfferRecord {
  /** Name of the provider. */
  readonly provider: string;
  readonly all: readonly ComponentInfo[];
  readonly offered: readonly ComponentInfo[];
  /** Tokens that the choice itself took. Default: 0. */
  readonly spentTokens?: number;
}

/** Records how many capabilities were offered, and how many tokens that saved against offering all (never below 0). */
export function recordOffer(telemetry: Telemetry, record: OfferRecord): void {
  const { provider, all, offered, spentTokens = 0 } = record;
  const saved = Math.max(0, estimateTokens(all) - estimateTokens(offered) - spentTokens);
  telemetry.recordMetric(
    'orchestrator.capabilities.offered',
    publicCapabilities(offered).length,
    { provider },
    { kind: 'histogram', unit: '{capability}' },
  );
  telemetry.recordMetric(
    'orchestrator.capabilities.tokens_saved',
    saved,
    { provider },
    { kind: 'counter', unit: '{token}' },
  );
}

/**
 * Checks how many capabilities are offered, as a caller gave it.
 *
 * @throws GomindError `CONFIG_INVALID` for a `topK` that is no whole number above 0
 */
export function checkTopK(topK: number): void {
  if (Number.isInteger(topK) && topK > 0) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `topK is ${String(topK)}. Accepted: a whole number above 0.`,
  });
}

/**
 * Checks how near a vector has to be, as a caller gave it.
 *
 * @throws GomindError `CONFIG_INVALID` for a threshold that is no cosine
 */
export function checkThreshold(threshold: number): void {
  if (threshold >= -1 && threshold <= 1) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `threshold is ${String(threshold)}. Accepted: a cosine similarity from -1 to 1, for example 0.7.`,
  });
}
