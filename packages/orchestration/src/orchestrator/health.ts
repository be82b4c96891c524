/**
 * Health from cheap facts: a ping of the registry, what is known of components, and what recent real traffic found out about
 * models, components and the capability service. Nothing is called for it but the registry: probes must cost nothing.
 *
 * @module
 */
import type { AIClient, Clock, Discovery } from '@gomind/core';
import { withoutSecrets, withTimeout } from '@gomind/core';
import type { CapabilityProvider } from '../capabilities/capability-provider.ts';
import type { ComponentCatalog } from '../capabilities/component-catalog.ts';
import type { CircuitBreakers } from '../execution/breakers/circuit-breakers.ts';

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
/** Milliseconds after which a report has the registry asked again. */
const pingAgeMs = 5_000;

interface Ping {
  readonly atMs: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** Watches an orchestrator's health. */
export class HealthMonitor {
  readonly #sources: HealthSources;
  #lastModelError: string | undefined;
  #lastPing: Ping | undefined;
  #pinging: Promise<void> | undefined;
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

  /** Looks now; takes at most the ping's 2 seconds. Checks at the same time share one ping. */
  async check(): Promise<HealthStatus> {
    await this.#ping();
    return this.report();
  }

  /** What is known, at once: for probes, which must not wait for a registry that hangs. Has it asked again in the background. */
  report(): HealthStatus {
    const { aiClient, breakers, catalog, provider, clock } = this.#sources;
    if (this.#lastPing === undefined || clock.monotonicMs() - this.#lastPing.atMs > pingAgeMs) void this.#ping();
    const reasons: string[] = [];
    const discovery = this.#isDiscoveryReachable(reasons);
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
    return {
      status,
      checks: { discovery, ai, capabilities },
      // They repeat what others said, and anybody may ask for them.
      reasons: withoutSecrets(reasons),
      since: new Date(this.#since).toISOString(),
    };
  }

  /** Before the first ping has come back, the catalog knows whether the registry could be read. */
  #isDiscoveryReachable(reasons: string[]): boolean {
    const { refreshedAt, lastError } = this.#sources.catalog.status();
    const reason = this.#lastPing === undefined ? lastError : this.#lastPing.reason;
    if (reason !== undefined) reasons.push(`The registry does not answer: ${reason}`);
    const wasReached = this.#lastPing !== undefined || refreshedAt !== undefined;
    if (!wasReached && reason === undefined) reasons.push('The registry was not read yet.');
    return wasReached && reason === undefined;
  }

  async #ping(): Promise<void> {
    const { discovery, clock } = this.#sources;
    this.#pinging ??= withTimeout(() => discovery.ping(), {
      timeoutMs: pingTimeoutMs,
      what: 'Pinging the registry',
      clock,
    })
      .then(
        () => ({ atMs: clock.monotonicMs() }),
        (error: unknown) => ({
          atMs: clock.monotonicMs(),
          reason: error instanceof Error ? error.message : 'unknown error',
        }),
      )
      .then((ping) => {
        this.#lastPing = ping;
        this.#pinging = undefined;
      });
    await this.#pinging;
  }
}
