/**
 * A logger of the application, kept from secrets: the house's own loggers redact by themselves, others may not.
 *
 * @module
 */
import { aLogger } from '../config/check-options.ts';
import { type LogFields, type Logger, noopLogger } from '../contracts/logger.ts';
import { GomindError } from '../errors/gomind-error.ts';
import { redactText } from '../redaction/redact-text.ts';
import { withoutSecrets } from '../redaction/without-secrets.ts';

/** By what is wrapped, so that many parts with one logger share one wrapper; wrappers stand for themselves. */
const wrappers = new WeakMap<Logger, Logger>();

/**
 * A logger that hands everything on without secrets; errors stay errors. Methods that write never throw.
 *
 * @param logger where records go
 * @throws GomindError `CONFIG_INVALID` for what is no logger
 */
export function redactingLogger(logger: Logger): Logger {
  if (!aLogger.fits(logger)) {
    throw new GomindError({ code: 'CONFIG_INVALID', message: `The logger option must be ${aLogger.accepted}.` });
  }
  return wrapperOf(logger);
}

function wrapperOf(logger: Logger): Logger {
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
    child: (fields) => wrapperOf(logger.child(withoutSecrets(fields))),
  };
  wrappers.set(logger, redacting).set(redacting, redacting);
  return redacting;
}
