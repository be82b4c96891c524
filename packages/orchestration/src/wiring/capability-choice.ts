/**
 * Which provider chooses the capabilities, as the configuration says.
 *
 * @module
 */
import { type AIClient, type CircuitBreaker, type Clock, GomindError, type Logger, type Telemetry } from '@gomind/core';
import {
  type CapabilityProvider,
  createAutomaticCapabilityProvider,
  createDefaultCapabilityProvider,
} from '../capabilities/capability-provider.ts';
import type { ComponentCatalog } from '../capabilities/component-catalog.ts';
import { createSearchCapabilityProvider } from '../capabilities/search-capability-provider.ts';
import { createServiceCapabilityProvider } from '../capabilities/service-capability-provider.ts';
import { createTieredCapabilityProvider } from '../capabilities/tiered-capability-provider.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

/** What providers are made of. */
export interface ProviderParts {
  readonly catalog: ComponentCatalog;
  readonly aiClient: AIClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Guards the capability service. Default: five failures open it for 30 s. */
  readonly circuitBreaker?: CircuitBreaker | undefined;
}

/**
 * Makes the provider that a configuration asks for.
 *
 * @throws GomindError `CONFIG_INVALID` when a service is asked for without an address
 */
export function chooseProvider(config: OrchestratorConfig, parts: ProviderParts): CapabilityProvider {
  const { catalog: components, ...others } = parts;
  const { capabilityThreshold: threshold, tieredMinTools: minTools } = config;
  const limits = { threshold, ...(config.capabilityTopK === undefined ? {} : { topK: config.capabilityTopK }) };
  const search = createSearchCapabilityProvider({ ...others, components, ...limits });
  const tiered = createTieredCapabilityProvider({ ...others, components, minTools, fallback: search });
  const many = config.tieredResolutionEnabled && parts.aiClient.isConfigured !== false ? tiered : search;
  const automatic = createAutomaticCapabilityProvider(components, { minTools, many });
  const service = (): CapabilityProvider => {
    const { capabilityServiceUrl: url, capabilityServicePath: path } = config;
    if (url === undefined) throw missingAddress();
    return createServiceCapabilityProvider({ ...others, components, url, path, ...limits, fallback: automatic });
  };
  switch (config.capabilityProvider) {
    case 'all':
      return createDefaultCapabilityProvider(components);
    case 'search':
      return search;
    case 'tiered':
      return tiered;
    case 'service':
      return service();
    case 'auto':
      return config.capabilityServiceUrl === undefined ? automatic : service();
  }
}

function missingAddress(): GomindError {
  return new GomindError({
    code: 'CONFIG_INVALID',
    message:
      'The capability provider is "service", but there is no address. Set GOMIND_CAPABILITY_SERVICE_URL or capabilityServiceUrl.',
  });
}
