/**
 * The types of the builder: what bindings see, what a step may say, and what is known of it afterwards.
 *
 * @module
 */
import type { EffectClass } from '@gomind/core';
import type { ForEach, OnError, StepRetry } from '../../plan/routing-plan.ts';
import type { Bindable, Reference } from './reference.ts';

/** What the bindings of a step see. */
export interface BuilderScope<Inputs, Steps> {
  readonly inputs: Reference<Inputs>;
  /** Earlier steps by name. */
  readonly steps: Steps;
  /** The item of a `forEach` step. */
  readonly item: Reference<unknown>;
  readonly index: Reference<number>;
  readonly env: Reference<Readonly<Record<string, string>>>;
  readonly secrets: Reference<Readonly<Record<string, string>>>;
}

/** What can be said about a step of the past. */
export interface StepReference<Output> {
  readonly output: Reference<Output>;
  readonly status: Reference<string>;
  readonly error: Reference<{ readonly code: string; readonly message: string }>;
}

/** A step by its name. */
export type NamedStep<Name extends string, Output> = Readonly<Record<Name, StepReference<Output>>>;

/** The outputs of steps by their names. */
export type OutputsOf<Steps> = {
  readonly [Name in keyof Steps]: Steps[Name] extends StepReference<infer Output> ? Output : unknown;
};

declare const isLater: unique symbol;

/** The name of a step that comes further down (see `laterStep`). */
export type LaterStep = string & { readonly [isLater]: true };

/** What any step may say. */
export interface StepOptions<Inputs, Steps> {
  readonly description?: string;
  /** Steps it waits for beside those it refers to. */
  readonly dependsOn?: readonly ((keyof Steps & string) | LaterStep)[];
  readonly when?: string | ((scope: BuilderScope<Inputs, Steps>) => string);
  readonly forEach?:
    | { readonly items: unknown; readonly maxParallel?: number; readonly onError?: NonNullable<ForEach['onError']> }
    | ((scope: BuilderScope<Inputs, Steps>) => unknown);
  readonly retry?: StepRetry;
  /** `"30s"` or milliseconds. */
  readonly timeout?: string | number;
  readonly onError?: OnError;
  readonly effect?: EffectClass;
  readonly compensate?: unknown;
  /** `"5m"`, milliseconds, or with a key of its own. */
  readonly cache?: string | number | { readonly ttl: string | number; readonly key?: string };
  readonly artifact?: boolean;
}

/** What a step may say whose inputs are not those of a call. */
export interface GroupOptions<Inputs, Steps> extends StepOptions<Inputs, Steps> {
  readonly inputs?: Binding<Inputs, Steps, Readonly<Record<string, unknown>>>;
}

/** What a group says that runs as a whole: its steps are its own, and its output is all that is seen of it. */
export type WholeGroupOptions<Inputs, Steps> = GroupOptions<Inputs, Steps> &
  (
    | Present<StepOptions<Inputs, Steps>, 'forEach'>
    | Present<StepOptions<Inputs, Steps>, 'retry'>
    | Present<StepOptions<Inputs, Steps>, 'timeout'>
    | Present<StepOptions<Inputs, Steps>, 'cache'>
    | { readonly artifact: true }
  );

/** What a group says that runs for each item of a list: its output is a list. */
export type ListGroupOptions<Inputs, Steps> = GroupOptions<Inputs, Steps> &
  Present<StepOptions<Inputs, Steps>, 'forEach'>;

type Present<Options, Key extends keyof Options> = { readonly [Name in Key]-?: NonNullable<Options[Name]> };

/** What an approval may say. */
export interface ApprovalOptions<Inputs, Steps> extends GroupOptions<Inputs, Steps> {
  /** Who may decide. Default: anybody who may decide approvals. */
  readonly approvers?: readonly string[];
}

/** The inputs of a step: values, references to them, or one expression (`"${...}"`) that yields them all. */
export type Binding<Inputs, Steps, Value> =
  Bindable<Value> | `\${${string}}` | ((scope: BuilderScope<Inputs, Steps>) => Bindable<Value>);

/** An input as it is declared in a file: a type, or a JSON Schema with `required` and `default`. */
export type InputDeclaration =
  | string
  | null
  | {
      readonly [keyword: string]: unknown;
      readonly type?: string | readonly string[];
      readonly required?: boolean | readonly string[];
    };

/** The types of declared inputs. */
export type DeclaredInputs<Declared> = {
  readonly [Name in keyof Declared]: Declared[Name] extends string
    ? TypeNamed<Declared[Name]>
    : Declared[Name] extends { readonly type: infer Type }
      ? TypeNamed<Type>
      : unknown;
};

interface NamedTypes {
  readonly string: string;
  readonly number: number;
  readonly integer: number;
  readonly boolean: boolean;
  readonly array: readonly unknown[];
  readonly object: Readonly<Record<string, unknown>>;
}

type TypeNamed<Type> = Type extends keyof NamedTypes ? NamedTypes[Type] : unknown;

/** Everything that each of several branches added. */
export type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
