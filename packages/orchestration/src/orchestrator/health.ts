/**
 * Health from cheap facts: a ping of the registry, the catalog's age, and recent real traffic to the model.
 * A model is never called for it: probes must cost nothing.
 *
 * @module
 */
import type { AIClient, Clock, Discovery } from '@gomind/core';
import { withTimeout } from '@gomind/core';
import type { ComponentCatalog } from '../capabilities/component-catalog.ts';

/** The state of an orchestrator. */
export interface HealthStatus {
  readonly status: 'healthy' | 'degraded';
  readonly checks: {
    /** The registry answers. */
    readonly discovery: boolean;
    /** A model is configured and its last call, if any, did not fail. */
    readonly ai: boolean;
    /** At least one component can be offered. */
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
  readonly clock: Clock;
  /** Whether a failed capability check counts; false while a fallback covers it. */
  readonly isCapabilityCheckVital: boolean;
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
    const { aiClient, catalog, clock, isCapabilityCheckVital } = this.#sources;
    const reasons: string[] = [];
    const discovery = await this.#isDiscoveryReachable(reasons);
    const ai = aiClient.isConfigured !== false && this.#lastModelError === undefined;
    if (aiClient.isConfigured === false) reasons.push('No language model is configured; the basic router plans.');
    else if (this.#lastModelError !== undefined) reasons.push(`The last model call failed: ${this.#lastModelError}`);
    const capabilities = catalog.components().length > 0;
    if (!capabilities) reasons.push('No component is known; register one, or check the registry.');

    const isHealthy = discovery && ai && (capabilities || !isCapabilityCheckVital);
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
