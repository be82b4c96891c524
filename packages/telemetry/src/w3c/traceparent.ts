/**
 * The `traceparent` header of W3C Trace Context, levels 1 and 2.
 *
 * Source: https://www.w3.org/TR/trace-context-2/#traceparent-header
 *
 * @module
 */

/** Who called, in which trace. */
export interface TraceParent {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all zero. */
  readonly spanId: string;
  /** Bit 0: sampled; bit 1: the trace id is random. */
  readonly flags: number;
}

const pattern =
  /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?:-|$)/;
const versionZeroLength = 55;
/** A later version may append fields; nobody needs more than this. */
const maxLength = 256;
const knownFlags = 0b11;

/**
 * Reads a `traceparent` header.
 *
 * Refused: version `ff`, ids of zeros, upper-case digits, version `00` with anything appended, over 256 characters.
 * A later version is read as far as it is known. Unknown flags are dropped.
 *
 * @returns undefined when the header is absent or refused
 */
export function parseTraceparent(header: string | undefined): TraceParent | undefined {
  if (header === undefined || header.length < versionZeroLength || header.length > maxLength) return undefined;
  const { version, traceId, spanId, flags } = pattern.exec(header)?.groups ?? {};
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && header.length !== versionZeroLength)) return undefined;
  if (isZero(traceId) || isZero(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & knownFlags };
}

/** Writes a `traceparent` header of version `00`. */
export function formatTraceparent(parent: TraceParent): string {
  return `00-${parent.traceId}-${parent.spanId}-0${String(parent.flags & knownFlags)}`;
}

function isZero(id: string): boolean {
  return /^0+$/.test(id);
}
