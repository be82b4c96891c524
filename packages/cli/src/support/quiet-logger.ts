/**
 * What the parts below log would stand between the lines of a command, which says itself what went wrong.
 *
 * @module
 */
import { type Logger, noopLogger, readEnv } from '@gomind/core';

/** No log, unless `GOMIND_LOG_LEVEL` asks for one: then the default of the part that logs holds. */
export function quietLogger(): { readonly logger?: Logger } {
  return readEnv('GOMIND_LOG_LEVEL') === undefined ? { logger: noopLogger } : {};
}
