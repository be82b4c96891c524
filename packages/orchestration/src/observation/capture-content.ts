/**
 * Content on spans, where it is wanted.
 *
 * @module
 */
import { redact, type Span } from '@gomind/core';

/** Puts content on a span where it is wanted. Secrets go before it becomes text, while names still tell them. */
export function captureContent(span: Span, name: string, value: unknown): void {
  if (span.capturesContent === true) span.setAttributes({ [name]: JSON.stringify(redact(value)) });
}
