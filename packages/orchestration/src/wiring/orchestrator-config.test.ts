import { describe, expect, it } from 'vitest';
import { resolveConfig } from './orchestrator-config.ts';

describe('resolveConfig', () => {
  it('takes the documented defaults from an empty environment', () => {
    expect(resolveConfig({}, {})).toMatchObject({
      name: 'orchestrator',
      maxConcurrency: 10,
      stepTimeoutMs: 30_000,
      catalogRefreshMs: 10_000,
      historySize: 100,
      maxPlanSteps: 50,
      maxPlanDepth: 10,
      maxPlanFanOut: 20,
      budget: { modelCalls: 10 },
      basicRouterEnabled: true,
      capabilityProvider: 'auto',
      capabilityServiceUrl: undefined,
      capabilityTopK: undefined,
      capabilityThreshold: 0.7,
      tieredResolutionEnabled: false,
      tieredMinTools: 20,
      logLevel: 'warn',
    });
  });

  it('reads how capabilities are chosen; a number of tools for tiers switches tiers on', () => {
    const environment = {
      GOMIND_CAPABILITY_SERVICE_URL: 'http://capabilities:8080',
      GOMIND_CAPABILITY_TOP_K: '5',
      GOMIND_CAPABILITY_THRESHOLD: '0.4',
      GOMIND_TIERED_MIN_TOOLS: '12',
    };
    const expected = { capabilityServiceUrl: 'http://capabilities:8080', capabilityTopK: 5, capabilityThreshold: 0.4 };
    expect(resolveConfig({}, environment)).toMatchObject({
      ...expected,
      tieredResolutionEnabled: true,
      tieredMinTools: 12,
    });
    const off = { ...environment, GOMIND_TIERED_RESOLUTION_ENABLED: 'false' };
    expect(resolveConfig({}, off)).toMatchObject({ tieredResolutionEnabled: false, tieredMinTools: 12 });
  });

  it('lets an option beat the environment, and the environment a default', () => {
    const environment = {
      GOMIND_ORCHESTRATOR_MAX_CONCURRENCY: '7',
      GOMIND_ORCHESTRATOR_STEP_TIMEOUT: '5s',
      GOMIND_AGENT_NAME: 'planner-1',
    };
    expect(resolveConfig({ maxConcurrency: 3, name: undefined } as never, environment)).toMatchObject({
      maxConcurrency: 3,
      stepTimeoutMs: 5_000,
      name: 'planner-1',
    });
  });

  it('takes "auto" for a limit of concurrency that follows the load', () => {
    expect(resolveConfig({}, { GOMIND_ORCHESTRATOR_MAX_CONCURRENCY: 'auto' }).maxConcurrency).toBe('auto');
    expect(resolveConfig({ maxConcurrency: 'auto' }, {}).maxConcurrency).toBe('auto');
    expect(() => resolveConfig({ maxConcurrency: 'many' } as never, {})).toThrow(/maxConcurrency/);
  });

  it.each([
    ['GOMIND_ORCHESTRATOR_MAX_CONCURRENCY', 'many', /"auto" or a whole number from 1 to 10000/],
    ['GOMIND_ORCHESTRATOR_MAX_CONCURRENCY', '0', /from 1/],
    ['GOMIND_ORCHESTRATOR_MAX_CONCURRENCY', '10001', /to 10000/],
    ['GOMIND_ORCHESTRATOR_MAX_CONCURRENCY', '2.5', /whole number/],
    ['GOMIND_ORCHESTRATOR_STEP_TIMEOUT', 'soon', /30s/],
    ['GOMIND_ORCHESTRATOR_STEP_TIMEOUT', '0', /above 0/],
    ['GOMIND_ORCHESTRATOR_CACHE_TTL', '0s', /above 0/],
    ['GOMIND_AGENT_NAME', 'a'.repeat(129), /1 to 128 characters/],
    ['GOMIND_CAPABILITY_SERVICE_URL', 'capability-service', /http:\/\/capability-service:8080/],
    ['GOMIND_CAPABILITY_SERVICE_URL', 'ftp://service', /http:\/\/capability-service:8080/],
    ['GOMIND_CAPABILITY_TOP_K', '0', /from 1/],
    ['GOMIND_CAPABILITY_THRESHOLD', 'high', /number/],
    ['GOMIND_TIERED_MIN_TOOLS', 'few', /whole number/],
    ['GOMIND_LOG_LEVEL', 'loud', /debug, info, warn, error/],
  ])('names %s when its value %j cannot be read', (variable, value, accepted) => {
    const act = (): unknown => resolveConfig({}, { [variable]: value });
    expect(act).toThrow(new RegExp(variable));
    expect(act).toThrow(accepted);
  });
});
