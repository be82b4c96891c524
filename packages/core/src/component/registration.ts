/**
 * Makes a component known to its registry, and keeps an eye on that registry for `/health`.
 *
 * @module
 */
import { backoffDelayMs } from '../async/backoff.ts';
import { delay } from '../async/delay.ts';
import { withTimeout } from '../async/timeout.ts';
import type { Clock } from '../contracts/clock.ts';
import type { ComponentInfo } from '../contracts/component.ts';
import type { Discovery, Registry } from '../contracts/discovery.ts';
import type { Logger } from '../contracts/logger.ts';
import type { ComponentHandler } from './component-handler.ts';

/** What is registered, where, and whom to tell how it goes. */
export interface Registration {
  readonly registry: Registry | Discovery | undefined;
  readonly info: ComponentInfo;
  readonly handler: ComponentHandler;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Ends the work. */
  readonly signal: AbortSignal;
  /** Called after each attempt to register. */
  readonly onAttempt: () => void;
}

/** Milliseconds between two looks at the registry, several to the lifetime of a record. */
const lookEveryMs = 5_000;

/**
 * Registers, at first at once and then with growing pauses, until it worked; from then on looks whether the registry is still
 * there. A registry that is lost then makes the component degraded, not unready: whoever knows its address still calls it.
 * Ends when the signal aborts. Never rejects.
 */
export async function keepRegistered(registration: Registration): Promise<void> {
  await registerUntilDone(registration);
  await watchRegistry(registration);
}

async function registerUntilDone(registration: Registration): Promise<void> {
  const { registry, info, handler, logger, clock, signal, onAttempt } = registration;
  const isStopped = (): boolean => signal.aborted;
  for (let attempt = 1; !isStopped(); attempt++) {
    try {
      await registry?.register(info);
      handler.setDegraded(undefined);
      if (!isStopped()) handler.setReady(true);
      onAttempt();
      return;
    } catch (error) {
      handler.setDegraded(`The registry does not take the component: ${messageOf(error)}`);
      if (attempt === 1) logger.warn('Registering failed; trying again in the background', { error });
      onAttempt();
    }
    const waitMs = backoffDelayMs(attempt, { initialDelayMs: 250, maxDelayMs: 15_000 }, 0.5 + clock.random() / 2);
    await delay(waitMs, { signal, clock }).catch(() => undefined);
  }
}

async function watchRegistry({ registry, handler, clock, signal }: Registration): Promise<void> {
  const isStopped = (): boolean => signal.aborted;
  // Registries of JavaScript callers may know no more than to register.
  while (typeof registry?.ping === 'function') {
    await delay(lookEveryMs, { signal, clock }).catch(() => undefined);
    if (isStopped()) return;
    // It may throw in place of rejecting, or never answer, which must not hold up closing.
    const look = withTimeout(async () => registry.ping(), {
      timeoutMs: lookEveryMs,
      what: 'Its answer',
      signal,
      clock,
    });
    const problem = await look.then(
      () => undefined,
      (error: unknown) => `The registry is lost: ${messageOf(error)}`,
    );
    if (isStopped()) return;
    handler.setDegraded(problem);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
