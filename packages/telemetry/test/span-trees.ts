/**
 * Random trees of spans that run all at once and yield in many ways: whoever loses track of the current span gives one of
 * them the wrong parent.
 *
 * @module
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Telemetry } from '@gomind/core';
import fc from 'fast-check';

/** A span to make, and those inside it. */
export interface SpanTree {
  readonly yields: readonly ('microtask' | 'turn' | 'timer' | 'thread')[];
  readonly isParallel: boolean;
  readonly fails: boolean;
  readonly children: readonly SpanTree[];
}

/** What one span saw of itself. */
export interface SeenSpan {
  readonly spanId: string;
  readonly traceId: string;
  /** Undefined for a root. */
  readonly parentSpanId: string | undefined;
  /** The `traceparent` that an outgoing call would carry, taken after every yield. */
  readonly headers: readonly (string | undefined)[];
  readonly currentSpanIds: readonly (string | undefined)[];
}

/** Trees of up to a few dozen spans. */
export const spanTrees: fc.Arbitrary<SpanTree> = fc.letrec<{ tree: SpanTree }>((tie) => ({
  tree: fc.record({
    yields: fc.array(fc.constantFrom('microtask' as const, 'turn' as const, 'timer' as const, 'thread' as const), {
      maxLength: 4,
    }),
    isParallel: fc.boolean(),
    fails: fc.boolean(),
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 4 })),
  }),
})).tree;

/** Runs a tree; errors of its spans stay inside. */
export async function runTree(telemetry: Telemetry, tree: SpanTree, parentSpanId?: string): Promise<SeenSpan[]> {
  const seen: SeenSpan[] = [];
  const inside: SeenSpan[][] = [];
  try {
    await telemetry.withSpan('node', {}, async (span) => {
      const headers: (string | undefined)[] = [];
      const currentSpanIds: (string | undefined)[] = [];
      const look = (): void => {
        const carrier: Record<string, string> = {};
        telemetry.inject(carrier);
        headers.push(carrier['traceparent']);
        currentSpanIds.push(telemetry.currentIds()?.spanId);
      };
      seen.push({ spanId: span.spanId ?? '', traceId: span.traceId ?? '', parentSpanId, headers, currentSpanIds });
      look();
      for (const kind of tree.yields) {
        await pass(kind);
        look();
      }
      if (tree.isParallel) {
        inside.push(...(await Promise.all(tree.children.map((child) => runTree(telemetry, child, span.spanId)))));
      } else {
        for (const child of tree.children) inside.push(await runTree(telemetry, child, span.spanId));
      }
      look();
      if (tree.fails) throw new Error('planned');
    });
  } catch (error) {
    if (!(error instanceof Error && error.message === 'planned')) throw error;
  }
  return [...seen, ...inside.flat()];
}

async function pass(kind: SpanTree['yields'][number]): Promise<void> {
  if (kind === 'microtask') await Promise.resolve();
  else if (kind === 'turn') await nextTurn();
  else if (kind === 'timer') await sleep(1);
  else await crypto.subtle.digest('SHA-256', new Uint8Array(8));
}
