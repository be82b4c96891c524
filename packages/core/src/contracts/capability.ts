/**
 * What a component can do, in the form that the registry stores and the planner reads.
 *
 * @module
 */
import type { JsonSchema } from './json.ts';

/**
 * What repeating a call does to the world.
 *
 * - `pure`: nothing happens outside the answer
 * - `idempotent`: the same call with the same key has one effect, however often it is made
 * - `compensable`: an effect that another capability can undo
 * - `irreversible`: an effect that must not be repeated without proof that it did not happen
 */
export type EffectClass = 'pure' | 'idempotent' | 'compensable' | 'irreversible';

/**
 * Where a capability is called unless its record says otherwise.
 *
 * @param name name of the capability
 * @returns a path on the component's origin
 */
export function capabilityPath(name: string): string {
  return `/api/capabilities/${encodeURIComponent(name)}`;
}

/** One callable ability of a component. */
export interface Capability {
  /** Name, unique within its component; becomes the last segment of the endpoint. */
  readonly name: string;
  /** One or two sentences for people and models: what it does and when to use it. */
  readonly description: string;
  /** JSON Schema of the input object. Absent means: anything goes. */
  readonly inputSchema?: JsonSchema;
  /** JSON Schema of the output. Absent means: unknown. */
  readonly outputSchema?: JsonSchema;
  /** Default: `irreversible` (the careful assumption). */
  readonly effect?: EffectClass;
  /** True hides the capability from every planner; it stays callable. Default: false. */
  readonly internal?: boolean;
  /** Free words that help retrieval. */
  readonly tags?: readonly string[];
  /** Path or absolute URL of the call. Default: `/api/capabilities/{name}`. */
  readonly endpoint?: string;
}
