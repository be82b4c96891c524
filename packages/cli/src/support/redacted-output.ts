/**
 * Output without secrets: progress, failures and findings repeat what components, models and files said.
 *
 * @module
 */
import { redactText } from '@gomind/core';
import type { TextOutput } from './cli-context.ts';

/** The same stream, with secrets taken out of what is written to it. */
export function redactedOutput(output: TextOutput): TextOutput {
  return {
    // Asked each time: a terminal changes its size.
    get isTTY() {
      return output.isTTY;
    },
    get columns() {
      return output.columns;
    },
    write: (text) => output.write(redactText(text)),
  };
}
