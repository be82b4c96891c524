/**
 * OpenTelemetry's TraceState over a `tracestate` header that has been checked.
 *
 * @module
 */
import type { TraceState } from '@opentelemetry/api';

/** Immutable, the newest member first. */
export class PassedTraceState implements TraceState {
  readonly #members: ReadonlyMap<string, string>;

  /** @param members as in the header, in its order */
  constructor(members: Iterable<readonly [string, string]>) {
    this.#members = new Map(members);
  }

  /** @param header what `parseTracestate` returned */
  static fromHeader(header: string): PassedTraceState {
    return new PassedTraceState(
      header.split(',').map((member) => {
        const separator = member.indexOf('=');
        return [member.slice(0, separator), member.slice(separator + 1)];
      }),
    );
  }

  set(key: string, value: string): TraceState {
    return new PassedTraceState([[key, value], ...this.#others(key)]);
  }

  unset(key: string): TraceState {
    return new PassedTraceState(this.#others(key));
  }

  get(key: string): string | undefined {
    return this.#members.get(key);
  }

  serialize(): string {
    return [...this.#members].map(([key, value]) => `${key}=${value}`).join(',');
  }

  #others(key: string): (readonly [string, string])[] {
    return [...this.#members].filter(([candidate]) => candidate !== key);
  }
}
