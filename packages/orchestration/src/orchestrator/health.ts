/**
 * Health from cheap facts: a ping of the registry, what is known of components, and what recent real traffic found out about
 * models, components and the capability service. Nothing is called for it but the registry: probes must cost nothing.
 *
 * @module
 */
import type { AIClient, Clock, Discovery } from '@gomind/core';
import { withTimeout } from '@gomind/core';
import type { CapabilityProvider } from '../capabilities/capability-provider.ts';
import type { ComponentCatalog } from '../capabilities/component-catalog.ts';
import type { CircuitBreakers } from '../execution/circuit-breakers.ts';

/** The state of an orchestrator. */
export interface HealthStatus {
  readonly status: 'healthy' | 'degraded';
  readonly checks: {
    /** The registry answers. */
    readonly discovery: boolean;
    /** A model is configured, its last call, if any, did not fail, and it is not left alone. */
    readonly ai: boolean;
    /** At least one component can be offered, and whoever chooses them did not need its fallback. */
    readonly capabilities: boolean;
  };
  /** One sentence for each thing that is not as it should be. */
  readonly reasons: readonly string[];
  /** ISO 8601 time since when the status has been what it is. */
  readonly since: string;
}

/** What the health check looks at. */
export interface HealthSources {
  readonly discovery: Discovery;
  readonly catalog: ComponentCatalog;
  readonly aiClient: AIClient;
  readonly breakers: CircuitBreakers;
  readonly provider: CapabilityProvider;
  readonly clock: Clock;
}

const pingTimeoutMs = 2_000;

/** Watches an orchestrator's health. */
export class HealthMonitor {
  readonly #sources: HealthSources;
  #lastModelError: string | undefined;
  #status: HealthStatus['status'] = 'healthy';
  #since: number;

  constructor(sources: HealthSources) {
    this.#sources = sources;
    this.#since = sources.clock.now();
  }

  /** Real traffic's verdict on the model: the error of its last call, or undefined after a success. */
  recordModelOutcome(error: string | undefined): void {
    this.#lastModelError = error;
  }

  /** Looks now; takes at most the ping's 2 seconds. */
  async check(): Promise<HealthStatus> {
    const { aiClient, breakers, catalog, provider, clock } = this.#sources;
    const reasons: string[] = [];
    const discovery = await this.#isDiscoveryReachable(reasons);
    const ai = aiClient.isConfigured !== false && this.#lastModelError === undefined;
    if (aiClient.isConfigured === false) reasons.push('No language model is configured; the basic router plans.');
    else if (this.#lastModelError !== undefined) reasons.push(`The last model call failed: ${this.#lastModelError}`);
    const open = breakers.openCircuits();
    for (const name of open) reasons.push(`"${name}" failed too often and is left alone for a while.`);
    const known = catalog.components();
    const isAnyAvailable = breakers.available(known).length > 0;
    if (known.length === 0) reasons.push('No component is known; register one, or check the registry.');
    // A fallback that covers a failure is what it is there for: said, but no reason to be degraded.
    if (provider.lastError !== undefined)
      reasons.push(`Capabilities are chosen by the fallback, because: ${provider.lastError}`);
    const capabilities = isAnyAvailable && provider.lastError === undefined;

    const isHealthy = discovery && ai && isAnyAvailable && open.length === 0;
    const status = isHealthy ? 'healthy' : 'degraded';
    if (status !== this.#status) {
      this.#status = status;
      this.#since = clock.now();
    }
    return { status, checks: { discovery, ai, capabilities }, reasons, since: new Date(this.#since).toISOString() };
  }

  async #isDiscoveryReachable(reasons: string[]): Promise<boolean> {
    const { discovery, clock } = this.#sources;
    try {
      await withTimeout(() => discovery.ping(), { timeoutMs: pingTimeoutMs, what: 'Pinging the registry', clock });
      return true;
    } catch (error) {
      reasons.push(`The registry does not answer: ${error instanceof Error ? error.message : 'unknown error'}`);
      return false;
    }
  }
}
