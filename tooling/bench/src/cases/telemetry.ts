/**
 * What observing costs: the calls of a no-op beside the executor's own work, and a real SDK with a batch exporter beside steps
 * that call a component over HTTP.
 *
 * @module
 */
import {
  type Attributes,
  type ComponentInfo,
  type MetricOptions,
  noopTelemetry,
  type SpanOptions,
  type Telemetry,
} from '@gomind/core';
import {
  ComponentClient,
  type ComponentCaller,
  createComponentStepHandler,
  PlanExecutor,
  type RoutingPlan,
} from '@gomind/orchestration';
import { setupTelemetry } from '@gomind/telemetry/node';
import { type Attributes as OpenTelemetryAttributes, context, metrics, SpanKind, trace } from '@opentelemetry/api';
import type { BenchCase } from '../bench-case.ts';
import { startLocalComponents } from '../local-components.ts';
import { type BenchRow, measure, withBounds } from '../measure.ts';

const quietSteps = 2_000;
const httpSteps = 300;
/** What a process of some seconds sees: the SDK's export runs once for 512 spans, and is interpreted at first. */
const youngRounds = 5;
/** Until the SDK's export is compiled, as it is in any process that has lived for a minute. */
const warmupRounds = 30;

export const benchCase: BenchCase = {
  summary:
    `the telemetry calls of ${String(quietSteps)} steps on a no-op, against the executor's run of them; ` +
    `${String(httpSteps)} steps with an HTTP call, with an SDK that exports in batches, against none`,
  run: async (): Promise<readonly BenchRow[]> => [...(await switchedOff()), ...(await switchedOn())],
};

/** Steps that wait for each other, or for nobody. */
function planOf(count: number, shape: 'chain' | 'fan-out'): RoutingPlan {
  return {
    steps: Array.from({ length: count }, (_, index) => ({
      name: `s${String(index)}`,
      component: 'tool-0',
      action: 'quote',
      inputs: { symbol: 'TSLA' },
      dependsOn: shape === 'chain' && index > 0 ? [`s${String(index - 1)}`] : [],
    })),
  };
}

function executorOf(
  components: readonly ComponentInfo[],
  { caller, telemetry }: { readonly caller: ComponentCaller; readonly telemetry: Telemetry },
): PlanExecutor {
  const handler = createComponentStepHandler({ caller, resolve: () => components, telemetry });
  return new PlanExecutor({ handlers: [handler], telemetry });
}

/** One call of the contract, as it was made. */
type Recorded =
  | { readonly kind: 'span'; readonly name: string; readonly options: SpanOptions }
  | {
      readonly kind: 'metric';
      readonly name: string;
      readonly value: number;
      readonly attributes: Attributes;
      readonly options: MetricOptions;
    };

/** Takes down which calls a run makes, so that they can be made again without it. */
function recorder(calls: Recorded[]): Telemetry {
  return {
    ...noopTelemetry,
    withSpan: (name, options, operation) => {
      calls.push({ kind: 'span', name, options });
      return noopTelemetry.withSpan(name, options, operation);
    },
    recordMetric: (name, value, attributes = {}, options = {}) => {
      calls.push({ kind: 'metric', name, value, attributes, options });
    },
  };
}

async function switchedOff(): Promise<readonly BenchRow[]> {
  const components: readonly ComponentInfo[] = [
    {
      id: 'tool-0',
      name: 'tool-0',
      type: 'tool',
      description: '',
      address: '127.0.0.1',
      port: 1,
      capabilities: [{ name: 'quote', description: '', effect: 'pure' }],
    },
  ];
  const caller: ComponentCaller = { call: () => Promise.resolve(1), close: () => Promise.resolve() };
  const plan = planOf(quietSteps, 'fan-out');
  const calls: Recorded[] = [];
  await executorOf(components, { caller, telemetry: recorder(calls) }).execute(plan);
  const executor = executorOf(components, { caller, telemetry: noopTelemetry });
  const replay = async (): Promise<void> => {
    for (const call of calls) {
      // Names and attributes are made anew, as they are in a run.
      if (call.kind === 'span') {
        const { attributes, ...options } = call.options;
        const made = { ...options, attributes: { ...attributes } };
        await noopTelemetry.withSpan(call.name, made, nothing);
      } else {
        const { name, value, attributes, options } = call;
        noopTelemetry.recordMetric(name, value, { ...attributes }, { ...options });
      }
    }
  };
  const run = "the executor's run of steps that do nothing";
  const noop = `its telemetry on the no-op (${String(calls.length / quietSteps)} calls a step)`;
  const measured = await measure(
    {
      [run]: async () => {
        await executor.execute(plan);
      },
      [noop]: replay,
    },
    { baseline: run, rounds: 15, warmupRounds: 5 },
  );
  return withBounds(measured, { [noop]: 0.05 });
}

async function switchedOn(): Promise<readonly BenchRow[]> {
  await using called = await startLocalComponents(1, 'pure');
  // Takes what the SDK exports, and any POST with it; in a process of its own, so that no step waits while it reads.
  await using collecting = await startLocalComponents(1, 'pure');
  const [component] = called.components;
  const [collector] = collecting.components;
  if (component === undefined || collector === undefined) throw new Error('The components did not start.');
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(collector.port)}` };
  await using collected = await setupTelemetry({ environment, serviceName: 'bench' });
  const { telemetry } = collected;
  await using plainCaller = new ComponentClient({ resolve: () => [component] });
  await using seenCaller = new ComponentClient({ resolve: () => [component], telemetry });
  const bareTelemetry = sdkAlone();
  await using bareCaller = new ComponentClient({ resolve: () => [component], telemetry: bareTelemetry });
  const plain = executorOf([component], { caller: plainCaller, telemetry: noopTelemetry });
  const seen = executorOf([component], { caller: seenCaller, telemetry });
  const bare = executorOf([component], { caller: bareCaller, telemetry: bareTelemetry });
  const rows: BenchRow[] = [];
  for (const [shape, what] of [
    ['chain', 'one after the other'],
    ['fan-out', '10 at once'],
  ] as const) {
    const plan = planOf(httpSteps, shape);
    const off = `steps with an HTTP call, ${what}`;
    const on = 'the same, exported in batches';
    const alone = 'the same by the SDK alone, with no care for secrets or faults';
    const variants = {
      [off]: async (): Promise<void> => {
        await plain.execute(plan);
      },
      [on]: async (): Promise<void> => {
        await seen.execute(plan);
      },
      [alone]: async (): Promise<void> => {
        await bare.execute(plan);
      },
    };
    if (shape === 'chain') {
      const first = await measure(variants, { baseline: off, rounds: youngRounds, warmupRounds: 0 });
      rows.push(...first.map((row) => ({ ...row, name: `${row.name} (first of the process)` })));
    }
    const measured = await measure(variants, { baseline: off, rounds: 21, warmupRounds });
    // Ten at once keep a core busy, so what is compared there is work, not the time of a step.
    rows.push(...(shape === 'chain' ? withBounds(measured, { [on]: 1.3 }) : measured));
  }
  return rows;
}

/** What OpenTelemetry's API and SDK cost by themselves: nothing of ours can be cheaper. */
function sdkAlone(): Telemetry {
  const tracer = trace.getTracer('bare');
  const histogram = metrics.getMeter('bare').createHistogram('bare', { unit: 's' });
  return {
    ...noopTelemetry,
    withSpan: async (name, options, operation) => {
      const parent = context.active();
      const attributes = options.attributes as OpenTelemetryAttributes;
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
      try {
        return await context.with(trace.setSpan(parent, span), () => noopTelemetry.withSpan(name, options, operation));
      } finally {
        span.end();
      }
    },
    recordMetric: (_name, value, attributes) => {
      histogram.record(value, attributes);
    },
    inject: (headers) => {
      const ids = trace.getSpanContext(context.active());
      if (ids !== undefined) headers['traceparent'] = `00-${ids.traceId}-${ids.spanId}-01`;
    },
  };
}

function nothing(): Promise<undefined> {
  return Promise.resolve(undefined);
}
