/**
 * `gomind components test`: whether a component keeps the contract that its callers rely on.
 *
 * @module
 */
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { checkComponent } from '../support/component-checks.ts';
import { ComponentProbe } from '../support/component-probe.ts';
import { showFindings } from '../support/findings.ts';
import { UsageError } from '../support/usage-error.ts';

/** Options of the command. */
export interface ComponentsTestOptions {
  readonly json?: boolean;
}

/** Runs the command. */
export async function componentsTest(
  address: string,
  options: ComponentsTestOptions,
  context: CliContext,
): Promise<ExitCode> {
  const findings = await checkComponent(new ComponentProbe(urlOf(address), context.signal));
  return showFindings(findings, options, context) ? exitCodes.ok : exitCodes.failed;
}

function urlOf(address: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new UsageError(`"${address}" is no address of a component. Give one such as http://127.0.0.1:4101.`);
}
