/**
 * core's Span over one of OpenTelemetry.
 *
 * @module
 */
import { type Attributes, GomindError, type Span } from '@gomind/core';
import type { Span as OpenTelemetrySpan } from '@opentelemetry/api';
import type { TraceIds } from '../context/active-frame.ts';
import { genAiAttribute } from '../names/gen-ai.ts';
import { gomindAttribute } from '../names/gomind.ts';
import { cleanText, toOpenTelemetryAttributes } from './attributes.ts';
import type { Surroundings } from './surroundings.ts';

const maxMessageLength = 1_000;

/** A span whose methods never throw. */
export class GuardedSpan implements Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly capturesContent: boolean;
  readonly #span: OpenTelemetrySpan;
  readonly #surroundings: Surroundings;
  /** False where nobody collects: then nothing is made of what is said. */
  readonly #isRecording: boolean;
  #lastError: unknown;

  constructor(span: OpenTelemetrySpan, ids: TraceIds, surroundings: Surroundings) {
    this.traceId = ids.traceId;
    this.spanId = ids.spanId;
    this.#span = span;
    this.#surroundings = surroundings;
    this.#isRecording = surroundings.attempt(() => span.isRecording()) ?? false;
    this.capturesContent = surroundings.includeContent && this.#isRecording;
  }

  setAttributes(attributes: Attributes): void {
    if (!this.#isRecording) return;
    this.#surroundings.attempt(() =>
      this.#span.setAttributes(toOpenTelemetryAttributes(attributes, this.#surroundings)),
    );
  }

  addEvent(name: string, attributes: Attributes = {}): void {
    if (!this.#isRecording) return;
    this.#surroundings.attempt(() =>
      this.#span.addEvent(cleanText(name), toOpenTelemetryAttributes(attributes, this.#surroundings)),
    );
  }

  /** An error that passes through several hands is recorded once. */
  recordError(error: unknown): void {
    if (!this.#isRecording || (error !== undefined && error === this.#lastError)) return;
    this.#lastError = error;
    const message = cleanText(messageOf(error)).slice(0, maxMessageLength);
    this.#surroundings.attempt(() => {
      this.#span.recordException(error instanceof Error ? exceptionOf(error, message) : message);
      this.#span.setAttribute(genAiAttribute.errorType, typeOf(error));
      if (GomindError.isInstance(error)) this.#span.setAttribute(gomindAttribute.errorCode, cleanText(error.code));
      this.#span.setStatus({ code: this.#surroundings.api.SpanStatusCode.ERROR, message });
    });
  }

  /** Ends the span. Not part of core's Span: only `withSpan` ends what it began. */
  end(): void {
    this.#surroundings.attempt(() => {
      this.#span.end();
    });
  }
}

/** A stack repeats the message, so it is cleaned too. */
function exceptionOf(error: Error, message: string): { name: string; message: string; stack?: string } {
  const stack = error.stack === undefined ? {} : { stack: cleanText(error.stack) };
  return { name: cleanText(error.name), message, ...stack };
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === 'string' ? error : 'unknown error';
}

/** Of low cardinality, as the attribute `error.type` asks for. */
function typeOf(error: unknown): string {
  if (GomindError.isInstance(error)) return cleanText(error.code);
  return error instanceof Error ? cleanText(error.name) : '_OTHER';
}
