/**
 * Providers of OpenTelemetry that throw at every touch.
 *
 * @module
 */
import type { MeterProvider, Span, TracerProvider } from '@opentelemetry/api';

function throwing(): never {
  throw new Error('provider down');
}

/** Throws as soon as it is asked for a tracer. */
export const failingTracerProvider: TracerProvider = { getTracer: throwing };

/** Makes spans with valid ids whose every other method throws. */
export const failingSpanProvider: TracerProvider = {
  getTracer: () => ({ startSpan: () => failingSpan, startActiveSpan: throwing }),
};

/** Throws as soon as it is asked for a meter. */
export const failingMeterProvider: MeterProvider = { getMeter: throwing };

const failingSpan: Span = {
  spanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }),
  setAttribute: throwing,
  setAttributes: throwing,
  addEvent: throwing,
  addLink: throwing,
  addLinks: throwing,
  setStatus: throwing,
  updateName: throwing,
  end: throwing,
  isRecording: throwing,
  recordException: throwing,
};
