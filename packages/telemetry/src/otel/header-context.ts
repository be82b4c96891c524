/**
 * Trace context in and out of headers.
 *
 * The codec is our own: `propagation.inject` of OpenTelemetry's API does nothing unless an SDK has registered a propagator,
 * and components must be able to follow a request without any SDK.
 *
 * @module
 */
import type { HeaderCarrier } from '@gomind/core';
import type { Baggage, Context, Span, SpanContext } from '@opentelemetry/api';
import { formatBaggage, parseBaggage } from '../w3c/baggage.ts';
import { formatTraceparent, parseTraceparent, type TraceParent } from '../w3c/traceparent.ts';
import { parseTracestate } from '../w3c/tracestate.ts';
import type { OpenTelemetryApi } from './open-telemetry-api.ts';
import { PassedTraceState } from './passed-trace-state.ts';
import type { Surroundings } from './surroundings.ts';

/** Writes a context's trace and baggage into headers; a stale `tracestate` does not survive. */
export function injectContext({ api }: Surroundings, context: Context, headers: HeaderCarrier): void {
  const spanContext = api.trace.getSpanContext(context);
  if (spanContext !== undefined && api.isSpanContextValid(spanContext)) {
    const { traceId, spanId, traceFlags } = spanContext;
    headers['traceparent'] = formatTraceparent({ traceId, spanId, flags: traceFlags });
    const traceState = parseTracestate(spanContext.traceState?.serialize());
    if (traceState === undefined) {
      if (headers['tracestate'] !== undefined) delete headers['tracestate'];
    } else headers['tracestate'] = traceState;
  }
  const baggage = api.propagation.getBaggage(context);
  if (baggage === undefined) return;
  const text = formatBaggage(membersOf(baggage));
  if (text !== '') headers['baggage'] = text;
}

/** A context as the headers say it, on top of the given one; what is absent or malformed changes nothing. */
export function extractContext(
  { api, attempt }: Surroundings,
  context: Context,
  headers: Readonly<Record<string, string | undefined>>,
): Context {
  let extracted = context;
  const parent = parseTraceparent(headers['traceparent']);
  const isContinued = parent !== undefined && attempt(() => isContinuedBy(parent, api.trace.getSpan(context)));
  if (parent !== undefined && isContinued !== true) {
    const traceState = parseTracestate(headers['tracestate']);
    extracted = api.trace.setSpanContext(extracted, {
      traceId: parent.traceId,
      spanId: parent.spanId,
      traceFlags: parent.flags,
      isRemote: true,
      ...(traceState === undefined ? {} : { traceState: PassedTraceState.fromHeader(traceState) }),
    });
  }
  const members = parseBaggage(headers['baggage']);
  return members.length === 0 ? extracted : api.propagation.setBaggage(extracted, toBaggage(api, members));
}

/**
 * Whether an HTTP instrumentation of an SDK has already begun a span for this call: that span is then the better parent.
 * Spans of the SDK (2.0 and later) show their parent, though the API's type does not.
 */
function isContinuedBy(parent: TraceParent, span: Span | undefined): boolean {
  if (span?.isRecording() !== true) return false;
  const { parentSpanContext }: Span & { readonly parentSpanContext?: SpanContext } = span;
  return span.spanContext().traceId === parent.traceId && parentSpanContext?.spanId === parent.spanId;
}

function* membersOf(baggage: Baggage): Generator<{ key: string; value: string; metadata: string | undefined }> {
  for (const [key, entry] of baggage.getAllEntries()) {
    yield { key, value: entry.value, metadata: entry.metadata?.toString() };
  }
}

function toBaggage(api: OpenTelemetryApi, members: ReturnType<typeof parseBaggage>): Baggage {
  return api.propagation.createBaggage(
    Object.fromEntries(
      members.map(({ key, value, metadata }) => [
        key,
        metadata === undefined ? { value } : { value, metadata: api.baggageEntryMetadataFromString(metadata) },
      ]),
    ),
  );
}
