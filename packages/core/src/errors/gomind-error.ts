/**
 * The one error class of the house: a stable code, what went wrong, where, and what to do next.
 *
 * @module
 */
import { withoutSecrets } from '../redaction/without-secrets.ts';

/** Registered globally, so that copies of this package recognise each other's errors. */
const marker = Symbol.for('gomind.error');

/** What a {@link GomindError} is made of. */
export interface GomindErrorOptions {
  /** Stable, SCREAMING_SNAKE; `docs/errors.md` has an entry for each. */
  readonly code: string;
  /** What went wrong, where, and what to do next. No secrets. */
  readonly message: string;
  /** Whether the same operation may succeed later without a change. Default: false. */
  readonly isRetryable?: boolean;
  /** Machine-readable facts: step, component, path, status code, retryAfterMs. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error with a stable code. Check it with {@link GomindError.isInstance}, never by its message. */
export class GomindError extends Error {
  override readonly name: string = 'GomindError';
  readonly code: string;
  readonly isRetryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(options: GomindErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.isRetryable = options.isRetryable ?? false;
    this.details = options.details ?? {};
  }

  static {
    // On the prototype: defining it on each error costs as much as the error.
    Object.defineProperty(this.prototype, marker, { value: true });
  }

  /**
   * Whether a value is a GomindError, also one made by another installed copy of this package.
   *
   * @param error anything caught
   * @param code if given, the error must carry this code too
   */
  static isInstance(error: unknown, code?: string): error is GomindError {
    if (typeof error !== 'object' || error === null || !(marker in error)) return false;
    return code === undefined || ('code' in error && error.code === code);
  }

  /** A plain JSON object for envelopes, events and logs, without secrets; the cause is left out. */
  toJSON(): { code: string; message: string; isRetryable: boolean; details: Readonly<Record<string, unknown>> } {
    const { code, message, isRetryable, details } = this;
    return withoutSecrets({ code, message, isRetryable, details });
  }
}
