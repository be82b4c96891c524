/**
 * Collects what a proof finds, and adds what makes findings useful: places in the source text, and names that were meant.
 *
 * @module
 */
import { findClosest } from '@gomind/core';
import type { Diagnostic, PlanDiagnosticCode } from '../diagnostic.ts';

/** Where something stands in the text that a plan was read from; both counted from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** Finds places of a plan (`steps.2.inputs.amount`) in its text. */
export type LocatePath = (path: string) => SourcePosition | undefined;

/** Where a finding belongs, and how it weighs. */
export interface FindingPlace {
  readonly step?: string | undefined;
  readonly path?: string | undefined;
  readonly suggestion?: string | undefined;
  /** Default: `error`. */
  readonly severity?: Diagnostic['severity'];
  /** Whether the plan is mended here, so that the finding counts as a repair. Default: false. */
  readonly isMended?: boolean;
}

const maxSuggestions = 100;
const maxCandidates = 1_000;

/** Everything found so far. */
export class PlanFindings {
  readonly diagnostics: Diagnostic[] = [];
  /** Those of the diagnostics that were mended. */
  readonly repairs: Diagnostic[] = [];
  readonly #locate: LocatePath | undefined;
  #suggestionsLeft = maxSuggestions;

  constructor(locate: LocatePath | undefined) {
    this.#locate = locate;
  }

  /** Takes over what reading the plan found. */
  add(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics)
      this.diagnostics.push({ ...diagnostic, ...this.#positionOf(diagnostic.path) });
  }

  /** Takes over what was found in the plan inside a step. */
  adopt(
    { diagnostics, repairs }: { readonly diagnostics: readonly Diagnostic[]; readonly repairs: readonly Diagnostic[] },
    { step, path }: { readonly step: string; readonly path: string },
  ): void {
    for (const inner of diagnostics) {
      const at = `${path}.${inner.path ?? 'steps'}`;
      const outer = { ...inner, step: inner.step === undefined ? step : `${step}/${inner.step}`, path: at };
      const diagnostic: Diagnostic = { ...outer, ...this.#positionOf(at) };
      this.diagnostics.push(diagnostic);
      if (repairs.includes(inner)) this.repairs.push(diagnostic);
    }
  }

  /** Whether nothing found so far stops the plan. */
  get isSound(): boolean {
    return this.diagnostics.every(({ severity }) => severity !== 'error');
  }

  report(code: PlanDiagnosticCode, message: string, place: FindingPlace): void {
    const { step, path, suggestion, severity = 'error', isMended = false } = place;
    const diagnostic: Diagnostic = {
      code,
      severity,
      message,
      ...(step === undefined ? {} : { step }),
      ...(path === undefined ? {} : { path }),
      ...this.#positionOf(path),
      ...(suggestion === undefined ? {} : { suggestion }),
    };
    this.diagnostics.push(diagnostic);
    if (isMended) this.repairs.push(diagnostic);
  }

  /** A close name, for the first hundred wrong ones: comparing every name with every other would cost their product. */
  suggest(name: string, candidates: Iterable<string>): string | undefined {
    if (this.#suggestionsLeft <= 0) return undefined;
    this.#suggestionsLeft--;
    return findClosest(name, first(candidates, maxCandidates));
  }

  #positionOf(path: string | undefined): SourcePosition | undefined {
    return path === undefined ? undefined : this.#locate?.(path);
  }
}

function* first<T>(values: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const value of values) {
    if (left-- <= 0) return;
    yield value;
  }
}
