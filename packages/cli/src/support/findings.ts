/**
 * What a command that looks at things has found, one line each.
 *
 * @module
 */
import { withoutSecrets } from '@gomind/core';
import type { CliContext } from './cli-context.ts';

/** One finding. */
export interface Finding {
  readonly check: string;
  /** `note`: works, with less. */
  readonly state: 'ok' | 'note' | 'problem';
  readonly message: string;
}

const marks = { ok: '✔', note: '·', problem: '✘' } as const;

/**
 * Shows findings, without secrets: they repeat addresses, settings and answers.
 *
 * @returns whether none is a problem
 */
export function showFindings(
  findings: readonly Finding[],
  options: { readonly json?: boolean },
  context: CliContext,
): boolean {
  const isOk = findings.every(({ state }) => state !== 'problem');
  const shown = withoutSecrets(findings);
  if (options.json === true) context.stdout.write(`${JSON.stringify({ ok: isOk, findings: shown }, null, 2)}\n`);
  else for (const { check, state, message } of shown) context.stdout.write(`${marks[state]} ${check}: ${message}\n`);
  return isOk;
}
