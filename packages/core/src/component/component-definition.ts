/**
 * What `defineTool` and `defineAgent` make: a component that can be served, and what its handlers are given.
 *
 * @module
 */
import type { EffectClass } from '../contracts/capability.ts';
import type { ComponentType } from '../contracts/component.ts';
import type { Discovery } from '../contracts/discovery.ts';
import type { Priority } from '../contracts/priority.ts';
import type { Logger } from '../contracts/logger.ts';
import type { Telemetry } from '../contracts/telemetry.ts';
import type { CompiledSchema } from '../schema/compile-schema.ts';

/** What the handler of a tool's capability is given besides its input. */
export interface ToolContext {
  /** Aborts when the caller's deadline passes, the caller hangs up, or the component is drained. */
  readonly signal: AbortSignal;
  /** Carries the capability's name, and the run's and step's ids. */
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Id of the orchestrated run, if the call belongs to one. */
  readonly runId: string | undefined;
  readonly stepId: string | undefined;
  /** Same for every repetition of one call; hand it on to whatever has effects. */
  readonly idempotencyKey: string | undefined;
  /** Milliseconds since the epoch at which the caller stops waiting (`x-gomind-deadline-ms`). */
  readonly deadlineMs: number | undefined;
  /** How much the call matters (`x-gomind-priority`); hand it on to whatever is called for it. */
  readonly priority: Priority;
}

/** What the handler of an agent's capability is given: a tool's context, and the means to find others. */
export interface AgentContext extends ToolContext {
  readonly discovery: Discovery;
}

/** A capability after its schemas were compiled. */
export interface DefinedCapability<Context> {
  readonly name: string;
  readonly description: string;
  readonly input: CompiledSchema<unknown>;
  readonly output: CompiledSchema<unknown> | undefined;
  readonly effect: EffectClass;
  readonly internal: boolean;
  readonly tags: readonly string[];
  readonly handler: (input: unknown, context: Context) => unknown;
}

/** A component as it was defined, before it is served. */
export interface ComponentDefinition<Type extends ComponentType, Context> {
  readonly type: Type;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly capabilities: ReadonlyMap<string, DefinedCapability<Context>>;
}

/** A defined tool. */
export type Tool = ComponentDefinition<'tool', ToolContext>;

/** A defined agent. */
export type Agent = ComponentDefinition<'agent', AgentContext>;

/** Input and output of one capability, as types. */
export interface CapabilityTypes {
  readonly input: unknown;
  readonly output: unknown;
}

/** Carries the types of a component's capabilities; there is nothing behind it at run time. */
export interface WithCapabilityTypes<Capabilities extends Readonly<Record<string, CapabilityTypes>>> {
  readonly '~capabilities'?: Capabilities;
}
