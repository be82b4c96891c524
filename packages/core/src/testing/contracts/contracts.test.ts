import { describe, expect, it } from 'vitest';
import { noopLogger } from '../../contracts/logger.ts';
import { systemClock } from '../../contracts/clock.ts';
import { noopTelemetry } from '../../contracts/telemetry.ts';
import { passThroughBreaker } from '../../contracts/circuit-breaker.ts';
import { unconfiguredAIClient } from '../../contracts/ai-client.ts';
import { GomindError } from '../../errors/gomind-error.ts';
import { CooldownBreaker } from '../../local/cooldown-breaker.ts';
import { LocalDiscovery } from '../../local/local-discovery.ts';
import { MemoryStorage } from '../../local/memory-storage.ts';
import { createStderrLogger } from '../../local/stderr-logger.ts';
import type { LogLevel } from '../../contracts/logger.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createRecordingLogger, createRecordingTelemetry } from '../recorders.ts';
import { createScriptedAIClient } from '../scripted-ai-client.ts';
import { aiClientContract } from './ai-client-contract.ts';
import { circuitBreakerContract } from './circuit-breaker-contract.ts';
import { clockContract } from './clock-contract.ts';
import type { ContractCase } from './contract-case.ts';
import { discoveryContract } from './discovery-contract.ts';
import { loggerContract, telemetryContract } from './observability-contracts.ts';
import { appendLogContract, keyValueStoreContract, leaseStoreContract } from './storage-contracts.ts';

function check(subject: string, cases: readonly ContractCase[]): void {
  describe(subject, () => {
    for (const { name, run } of cases) it(name, run);
  });
}

check(
  'the system clock',
  clockContract(() => ({
    clock: systemClock,
    advance: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  })),
);

check(
  'the fake clock',
  clockContract(() => {
    const clock = createFakeClock();
    return { clock, advance: (milliseconds) => clock.advance(milliseconds) };
  }),
);

check(
  'LocalDiscovery',
  discoveryContract(() => {
    const discovery = new LocalDiscovery();
    return { discovery, cleanup: () => discovery.close() };
  }),
);

check(
  'MemoryStorage as a key-value store',
  keyValueStoreContract(() => {
    const clock = createFakeClock();
    return { store: new MemoryStorage({ clock }), advance: (milliseconds) => clock.advance(milliseconds) };
  }),
);

check(
  'MemoryStorage that forgets, as a key-value store',
  keyValueStoreContract(() => {
    const clock = createFakeClock();
    const store = new MemoryStorage({ clock, whenFull: 'forget-oldest' });
    return { store, advance: (milliseconds) => clock.advance(milliseconds) };
  }),
);

check(
  'MemoryStorage as an append log',
  appendLogContract(() => ({ log: new MemoryStorage() })),
);

check(
  'MemoryStorage as a lease store',
  leaseStoreContract(() => {
    const clock = createFakeClock();
    return { leases: new MemoryStorage({ clock }), advance: (milliseconds) => clock.advance(milliseconds) };
  }),
);

check(
  'CooldownBreaker',
  circuitBreakerContract(() => {
    const clock = createFakeClock();
    const breaker = new CooldownBreaker({ name: 'contract', clock });
    return { breaker, clock, failuresToOpen: 5, sleepWindowMs: 30_000, cleanup: () => breaker.close() };
  }),
);

check(
  'the stderr logger',
  loggerContract(() => {
    const lines: string[] = [];
    const logger = createStderrLogger({ level: 'debug', write: (line) => lines.push(line) });
    const records = () =>
      lines.map((line) => {
        const { level, message, ...fields } = JSON.parse(line) as { level: LogLevel; message: string };
        return { level, message, fields };
      });
    return { logger, records };
  }),
);

check(
  'the recording logger',
  loggerContract(() => {
    const logger = createRecordingLogger();
    return { logger, records: () => logger.records };
  }),
);

check(
  'the recording telemetry',
  telemetryContract(() => ({ telemetry: createRecordingTelemetry(), isRecording: true })),
);
check(
  'no telemetry',
  telemetryContract(() => ({ telemetry: noopTelemetry, isRecording: false })),
);

check(
  'the scripted AI client',
  aiClientContract((behaviour) => {
    if (behaviour.kind === 'answers') return { aiClient: createScriptedAIClient(behaviour.content) };
    if (behaviour.kind === 'streams') return { aiClient: createScriptedAIClient({ chunks: behaviour.chunks }) };
    if (behaviour.kind === 'is-cut-off')
      return { aiClient: createScriptedAIClient({ content: behaviour.content, finishReason: 'length' }) };
    if (behaviour.kind === 'hangs')
      return { aiClient: createScriptedAIClient(() => new Promise<never>(() => undefined)) };
    const { retryAfterMs } = behaviour;
    const busy = new GomindError({
      code: 'RATE_LIMITED',
      message: 'The model is busy.',
      isRetryable: true,
      details: { retryAfterMs },
    });
    return { aiClient: createScriptedAIClient(busy) };
  }),
);

describe('the twins that do nothing', () => {
  it('a breaker that admits everything', async () => {
    await expect(passThroughBreaker.execute(() => Promise.resolve(1))).resolves.toBe(1);
    await passThroughBreaker.close();
  });

  it('a logger that writes nothing', () => {
    noopLogger.child({ a: 1 }).error('nothing');
  });

  it('a model that says how to configure one', async () => {
    await expect(unconfiguredAIClient.generate({ messages: [] })).rejects.toMatchObject({
      code: 'AI_CLIENT_NOT_CONFIGURED',
    });
    await expect(Array.fromAsync(unconfiguredAIClient.stream({ messages: [] }))).rejects.toMatchObject({
      code: 'AI_CLIENT_NOT_CONFIGURED',
    });
    await expect(unconfiguredAIClient.embed({ values: [] })).rejects.toMatchObject({
      code: 'AI_CLIENT_NOT_CONFIGURED',
    });
    await unconfiguredAIClient.close();
  });
});

describe('a contract suite', () => {
  it('fails for an implementation that breaks its promise', async () => {
    class ForgetfulStore extends MemoryStorage {
      override delete(): Promise<boolean> {
        return Promise.resolve(true);
      }
    }
    const cases = keyValueStoreContract(() => ({ store: new ForgetfulStore(), advance: () => Promise.resolve() }));
    const ends = await Promise.allSettled(cases.map(({ run }) => run()));
    expect(ends.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(1);
  });
});
