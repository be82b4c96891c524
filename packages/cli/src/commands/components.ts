/**
 * `gomind components`: what is registered.
 *
 * @module
 */
import { type ComponentInfo, withoutSecrets } from '@gomind/core';
import { closeAfter } from '../support/close-after.ts';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { type ComponentOptions, openDiscovery } from '../support/find-components.ts';

/** Options of the command. */
export interface ComponentsOptions extends ComponentOptions {
  readonly json?: boolean;
}

/** Runs the command. */
export async function components(options: ComponentsOptions, context: CliContext): Promise<ExitCode> {
  return closeAfter(async (keep) => {
    const discovery = keep(await openDiscovery(options, context));
    const known = await discovery.discover();
    const found = withoutSecrets(known.toSorted((left, right) => (left.name < right.name ? -1 : 1)));
    if (options.json === true) context.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    else context.stdout.write(found.length === 0 ? 'No component is registered.\n' : found.map(describe).join('\n'));
    return exitCodes.ok;
  });
}

function describe(component: ComponentInfo): string {
  const head = `${component.name}  ${component.type}  ${component.address}:${String(component.port)}  ${component.health ?? 'unknown'}`;
  const capabilities = component.capabilities.map(
    ({ name, description, inputSchema }) =>
      `  ${name}(${Object.keys(inputSchema?.properties ?? {}).join(', ')})  ${description.split('\n')[0]?.slice(0, 100) ?? ''}`,
  );
  return `${[head, ...capabilities].join('\n')}\n`;
}
