/**
 * Loaded before a command that should start at once: Node keeps the sources it has stripped of their types and compiled,
 * and takes them up at the next start. That halves what the demo costs the processor. Entries follow the content of files.
 *
 * @module
 */
import module from 'node:module';
import { fileURLToPath } from 'node:url';

module.enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/compiled', import.meta.url)));
