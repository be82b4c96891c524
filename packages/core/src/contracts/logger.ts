/**
 * Structured logging.
 *
 * @module
 */

/** Severity, least first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Named values of one log record. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes log records. Methods never throw. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each of its records. */
  child(fields: LogFields): Logger;
}

const nothing = (): void => undefined;

/** Writes nothing. */
export const noopLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => noopLogger,
};
