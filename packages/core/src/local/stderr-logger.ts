/**
 * The logger of a house without one: JSON lines on stderr.
 *
 * @module
 */
import { type Clock, systemClock } from '../contracts/clock.ts';
import type { LogFields, Logger, LogLevel } from '../contracts/logger.ts';
import { redact } from '../redaction/redact.ts';

/** Options of {@link createStderrLogger}. */
export interface StderrLoggerOptions {
  /** Least severity that is written. Default: `info`. */
  readonly level?: LogLevel | undefined;
  /** Fields of every record. */
  readonly fields?: LogFields | undefined;
  /** Further fields, asked for at each record (trace ids, for example). */
  readonly context?: (() => LogFields) | undefined;
  /** Values that must never appear in a record, besides those under keys that look like secrets. */
  readonly secrets?: readonly string[] | undefined;
  /** Takes a line with its line break. Default: writes it to stderr. */
  readonly write?: ((line: string) => void) | undefined;
  readonly clock?: Clock | undefined;
}

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Makes a logger that writes one JSON object a line: `time`, `level`, `message`, then the fields. It never throws, and a
 * field cannot take the place of the first three.
 *
 * @example
 * const logger = createStderrLogger({ level: 'debug', fields: { service: 'shop' } });
 */
export function createStderrLogger(options: StderrLoggerOptions = {}): Logger {
  const { level = 'info', fields = {}, context, secrets, clock = systemClock } = options;
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const record = (recordLevel: LogLevel, message: string, recordFields: LogFields = {}): void => {
    if (severity[recordLevel] < severity[level]) return;
    try {
      const safe = redact({ ...fields, ...context?.(), ...recordFields }, secrets) as LogFields;
      const head = { time: new Date(clock.now()).toISOString(), level: recordLevel, message: redact(message, secrets) };
      write(`${JSON.stringify({ ...head, ...safe, ...head })}\n`);
    } catch {
      // Logging must not break what it tells about; a getter that throws costs its record.
    }
  };
  return {
    debug: (message, recordFields) => {
      record('debug', message, recordFields);
    },
    info: (message, recordFields) => {
      record('info', message, recordFields);
    },
    warn: (message, recordFields) => {
      record('warn', message, recordFields);
    },
    error: (message, recordFields) => {
      record('error', message, recordFields);
    },
    child: (childFields) => createStderrLogger({ ...options, fields: { ...fields, ...childFields } }),
  };
}
