/**
 * A logger of the application, kept from secrets: the house's own loggers redact by themselves, others may not.
 *
 * @module
 */
import { type LogFields, type Logger, noopLogger } from '../contracts/logger.ts';
import { redactText } from '../redaction/redact-text.ts';
import { withoutSecrets } from '../redaction/without-secrets.ts';

/** By what is wrapped, so that many parts with one logger share one wrapper; wrappers stand for themselves. */
const wrappers = new WeakMap<Logger, Logger>();

/**
 * A logger that hands everything on without secrets; errors stay errors. Methods never throw.
 *
 * @param logger where records go
 */
export function redactingLogger(logger: Logger): Logger {
  if (logger === noopLogger) return logger;
  const known = wrappers.get(logger);
  if (known !== undefined) return known;
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: LogFields): void => {
      try {
        if (fields === undefined) logger[level](redactText(message));
        else logger[level](redactText(message), withoutSecrets(fields));
      } catch {
        // Logging must not break what it tells about.
      }
    };
  const redacting: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => redactingLogger(logger.child(withoutSecrets(fields))),
  };
  wrappers.set(logger, redacting).set(redacting, redacting);
  return redacting;
}
