/**
 * Reads `ExportTraceServiceRequest` from its JSON and its protobuf form: names, ids and text attributes of the spans.
 * Field numbers are those of opentelemetry-proto's `trace.proto` and `common.proto`.
 *
 * @module
 */
import { fieldsOf } from './protobuf.ts';

/** What is told of a span. */
export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  /** As in OTLP: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  /** Attributes; in protobuf only those that are texts, whole numbers or booleans. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** `service.name` of the resource. */
  readonly service: unknown;
}

/** Reads one request's spans. */
export function decodeTraces({ contentType, body }: { contentType: string; body: Buffer }): ReceivedSpan[] {
  return contentType.includes('json') ? fromJson(JSON.parse(body.toString('utf8')) as JsonRequest) : fromProtobuf(body);
}

interface JsonAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface JsonSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes?: readonly JsonAttribute[];
}

interface JsonRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly JsonAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
}

function fromJson({ resourceSpans }: JsonRequest): ReceivedSpan[] {
  const read = (list: readonly JsonAttribute[] = []): Record<string, unknown> =>
    Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId = '', kind, attributes }) => ({
        ...{ name, traceId, spanId, parentSpanId, kind },
        attributes: read(attributes),
        service: read(resource?.attributes)['service.name'],
      })),
    ),
  );
}

function fromProtobuf(body: Buffer): ReceivedSpan[] {
  return parts(body, 1).flatMap((resourceSpans) => {
    const service = parts(resourceSpans, 1).map((resource) => attributesOf(resource, 1)['service.name'])[0];
    return parts(resourceSpans, 2).flatMap((scopeSpans) =>
      parts(scopeSpans, 2).map((span) => ({
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        parentSpanId: hex(span, 4),
        name: parts(span, 5)[0]?.toString('utf8') ?? '',
        kind: numbers(span, 6)[0] ?? 0,
        attributes: attributesOf(span, 9),
        service,
      })),
    );
  });
}

function attributesOf(message: Buffer, field: number): Record<string, unknown> {
  return Object.fromEntries(
    parts(message, field).map((pair) => {
      const [value = Buffer.alloc(0)] = parts(pair, 2);
      const text = parts(value, 1)[0]?.toString('utf8');
      const [boolean] = numbers(value, 2);
      return [
        parts(pair, 1)[0]?.toString('utf8') ?? '',
        text ?? (boolean === undefined ? numbers(value, 3)[0] : boolean === 1),
      ];
    }),
  );
}

function hex(message: Buffer, field: number): string {
  return parts(message, field)[0]?.toString('hex') ?? '';
}

function parts(message: Buffer, field: number): Buffer[] {
  return fieldsOf(message).flatMap(({ number, value }) =>
    number === field && typeof value === 'object' ? [value] : [],
  );
}

function numbers(message: Buffer, field: number): number[] {
  return fieldsOf(message).flatMap(({ number, value }) =>
    number === field && typeof value === 'number' ? [value] : [],
  );
}
