/**
 * Which tools the basic router calls for the requests of published plans, beside what plain BM25 would take.
 *
 * A row counts by its set of tools, as `component/action`; precision, recall and F1 are over all rows together.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { ComponentInfo } from '@gomind/core';
import { basicRouter } from '@gomind/orchestration';
import type { CaseTool } from './e1-adapter.ts';
import { type Literal, literalsOf } from './e1-literals.ts';

/** As much of a case as the measurement needs. */
export interface RoutedCase {
  readonly id: string;
  readonly source: string;
  readonly request: string;
  readonly tools: readonly CaseTool[];
  readonly plan: { readonly steps: readonly { readonly component: string; readonly action: string }[] };
}

/** The searcher that is to be beaten. */
export interface PlainSearch<Index> {
  build(tools: readonly unknown[]): Promise<Index>;
  search(index: Index, query: string, limit: number): Promise<string[]>;
}

/** How well chosen tools fit. */
export interface ToolScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Share of rows with exactly the wanted tools. */
  readonly exact: number;
}

/** Adds up rows. */
export class ToolCount {
  #rows = 0;
  #exact = 0;
  #right = 0;
  #chosen = 0;
  #wanted = 0;

  add(chosen: ReadonlySet<string>, wanted: ReadonlySet<string>): void {
    const right = [...chosen].filter((tool) => wanted.has(tool)).length;
    this.#rows += 1;
    this.#right += right;
    this.#chosen += chosen.size;
    this.#wanted += wanted.size;
    if (right === wanted.size && right === chosen.size) this.#exact += 1;
  }

  get score(): ToolScore {
    const precision = this.#right / Math.max(1, this.#chosen);
    const recall = this.#right / Math.max(1, this.#wanted);
    const f1 = (2 * precision * recall) / Math.max(1e-9, precision + recall);
    return { precision, recall, f1, exact: this.#exact / Math.max(1, this.#rows) };
  }
}

/**
 * A part of the rows, always the same one. Failures of the router were studied on rows whose bucket of two is 0; those of bucket 1
 * were kept aside.
 *
 * @param buckets into how many parts the rows fall
 */
export function bucketOf({ id }: Pick<RoutedCase, 'id'>, buckets: number): number {
  return (createHash('md5').update(id).digest()[0] ?? 0) % buckets;
}

/** The tools a plan wants, as `component/action`. */
export function wantedOf({ plan }: RoutedCase): Set<string> {
  return new Set(plan.steps.map(({ component, action }) => `${component}/${action}`));
}

/** What the router plans for a request, and where every value of the plan comes from. */
export function routed(
  request: string,
  offered: readonly ComponentInfo[],
): { readonly tools: Set<string>; readonly literals: readonly Literal[] } {
  const steps = basicRouter(request, offered, { now: new Date('2026-11-30T12:00:00Z') }).plan?.steps ?? [];
  const schemaOf = (component: string, action: string): CaseTool['parameters'] =>
    offered.find(({ name }) => name === component)?.capabilities.find(({ name }) => name === action)?.inputSchema;
  return {
    tools: new Set(steps.map(({ component, action }) => `${component ?? ''}/${action ?? ''}`)),
    literals: steps.flatMap(({ component = '', action = '', inputs }) =>
      literalsOf(inputs, schemaOf(component, action), request),
    ),
  };
}

/** Results of the plain search at each number of tools taken, and with as many as the plan really has. */
export class PlainCounts<Index> {
  readonly #search: PlainSearch<Index>;
  readonly #limits: readonly number[];
  readonly #counts = new Map<string, ToolCount>();

  constructor(search: PlainSearch<Index>, limits: readonly number[]) {
    this.#search = search;
    this.#limits = limits;
  }

  async add(row: RoutedCase, index: Index): Promise<void> {
    const wanted = wantedOf(row);
    const ranked = await this.#search.search(index, row.request, Math.max(...this.#limits, wanted.size));
    for (const limit of this.#limits) {
      this.#countOf(`top ${String(limit)}`).add(new Set(ranked.slice(0, limit)), wanted);
    }
    this.#countOf('as many as the plan has').add(new Set(ranked.slice(0, wanted.size)), wanted);
  }

  get scores(): ReadonlyMap<string, ToolScore> {
    return new Map([...this.#counts].map(([name, count]) => [name, count.score]));
  }

  #countOf(name: string): ToolCount {
    let count = this.#counts.get(name);
    if (count === undefined) this.#counts.set(name, (count = new ToolCount()));
    return count;
  }
}

/** Tools as the plain search takes them. */
export function searchable(tools: readonly CaseTool[]): unknown[] {
  return tools.map((tool) => ({
    id: `${tool.component}/${tool.name}`,
    component: tool.component,
    name: tool.name,
    description: tool.description ?? '',
    parameters: tool.parameters?.properties ?? {},
  }));
}

/** All tools of some rows, each once. */
export function catalogOf(rows: readonly RoutedCase[]): CaseTool[] {
  return [
    ...new Map(rows.flatMap(({ tools }) => tools.map((tool) => [`${tool.component}/${tool.name}`, tool]))).values(),
  ];
}

/** One line of the printed table. */
export function lineOf(name: string, { precision, recall, f1, exact }: ToolScore): string {
  const share = (value: number): string => value.toFixed(3);
  return `${name.padEnd(40)} P ${share(precision)}  R ${share(recall)}  F1 ${share(f1)}  exact ${share(exact)}`;
}
