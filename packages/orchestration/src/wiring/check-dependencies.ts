/**
 * Checks what an application injects: JavaScript callers are not held by types, and a part that is none would fail much later,
 * in the middle of a request.
 *
 * @module
 */
import { aFunction, aLogger, checkNames, checkOptions, GomindError, type OptionCheck, withMethods } from '@gomind/core';

const checks: Readonly<Record<string, OptionCheck>> = {
  aiClient: withMethods('an AIClient such as createAIClient()', ['generate']),
  artifacts: withMethods('an ArtifactStore such as createFileArtifactStore()', ['put']),
  breaker: { ...aFunction, accepted: 'a function that makes a CircuitBreaker by name' },
  call: aFunction,
  capabilityProvider: withMethods('a CapabilityProvider', ['offer']),
  circuitBreaker: withMethods('a CircuitBreaker such as passThroughBreaker', ['execute']),
  clock: withMethods('a Clock such as systemClock', ['now', 'monotonicMs', 'setTimer']),
  env: { fits: isRecordOfTexts, accepted: 'an object of texts by name' },
  loadWorkflow: aFunction,
  logger: aLogger,
  onApproval: aFunction,
  parameterResolver: withMethods('a ParameterResolver', ['resolve']),
  planner: withMethods('a Planner such as createPlanner()', ['plan']),
  promptBuilder: aFunction,
  registry: withMethods('a WorkflowRegistry', ['find', 'get']),
  secrets: withMethods('a SecretProvider', ['get']),
  signals: withMethods('an EventSignals', ['send']),
  storage: withMethods('a store such as new MemoryStorage()', ['get', 'set']),
  synthesizer: withMethods('a Synthesizer such as createJoinSynthesizer()', ['synthesize']),
  telemetry: withMethods('a Telemetry such as noopTelemetry', ['withSpan', 'recordMetric']),
  workflows: { fits: isWorkflowSource, accepted: 'a list of workflows, or a WorkflowRegistry' },
};

/** Every part that can be injected. */
export const dependencyNames: readonly string[] = [...Object.keys(checks), 'discovery', 'phrases'];

/**
 * Checks the dependencies of an orchestrator or engine.
 *
 * @param maker the function that they were given to
 * @param settings names of the configuration, which are given apart
 * @throws GomindError `CONFIG_INVALID` naming every one that cannot be used
 */
export function checkDependencies(maker: string, dependencies: object, settings: readonly string[]): void {
  checkOptions(maker, dependencies, checks);
  checkNames(maker, dependencies, dependencyNames);
  const misplaced = Object.keys(dependencies).filter(
    (name) => settings.includes(name) && !dependencyNames.includes(name),
  );
  if (misplaced.length === 0) return;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `${misplaced.join(', ')}: settings are the second argument of ${maker}, after the dependencies.`,
    details: { misplaced },
  });
}

function isWorkflowSource(value: unknown): boolean {
  return Array.isArray(value) || withMethods('a WorkflowRegistry', ['find', 'get']).fits(value);
}

function isRecordOfTexts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}
