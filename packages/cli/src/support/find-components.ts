/**
 * Where a command finds components: a file of them, or the registry in Redis.
 *
 * @module
 */
import {
  checkComponentInfo,
  type ComponentInfo,
  type Discovery,
  GomindError,
  LocalDiscovery,
  readCapability,
  readEnv,
} from '@gomind/core';
import type { CliContext } from './cli-context.ts';
import { quietLogger } from './quiet-logger.ts';
import { readJsonFile } from './read-source.ts';
import { UsageError } from './usage-error.ts';

/** Options of commands that call components. */
export interface ComponentOptions {
  /** A JSON list of components with their capabilities and addresses. */
  readonly components?: string;
  /** Default: `REDIS_URL`. */
  readonly redis?: string;
  /** Default: `GOMIND_NAMESPACE`, else `gomind`. */
  readonly namespace?: string;
}

const howToWriteIt =
  'An entry is what a served component says of itself: const served = await serve(tool), and then JSON.stringify([served.info]).';

/**
 * The components of a file.
 *
 * @throws UsageError when it holds none
 */
export async function readComponents(path: string, context: Pick<CliContext, 'readInput'>): Promise<ComponentInfo[]> {
  const value = await readJsonFile(path, context);
  const list: unknown = Array.isArray(value) ? value : (value as { readonly components?: unknown } | null)?.components;
  if (!Array.isArray(list)) throw new UsageError(`${path} must hold a JSON list of components. ${howToWriteIt}`);
  return list.map((entry: unknown, index) => {
    const component = {
      id: `component-${String(index + 1)}`,
      type: 'tool',
      description: '',
      address: '127.0.0.1',
      port: 0,
      ...(entry as object),
    };
    try {
      checkComponentInfo(component as ComponentInfo);
      const { capabilities } = component as ComponentInfo;
      checkEffects(capabilities);
      return {
        ...(component as ComponentInfo),
        capabilities: capabilities.flatMap((one) => readCapability(one) ?? []),
      };
    } catch (error) {
      throw new UsageError(
        `${path}, entry ${String(index + 1)}: ${error instanceof Error ? error.message : String(error)} ${howToWriteIt}`,
      );
    }
  });
}

const effects: readonly unknown[] = ['pure', 'idempotent', 'compensable', 'irreversible'];

/** A word that nobody knows would be passed over, and the capability never repeated. */
function checkEffects(capabilities: readonly { readonly name: string; readonly effect?: unknown }[]): void {
  for (const { name, effect } of capabilities) {
    if (effect === undefined || effects.includes(effect)) continue;
    throw new UsageError(`the effect of "${name}" is ${JSON.stringify(effect)}. Accepted: ${effects.join(', ')}.`);
  }
}

/** Whether the caller said where components are. */
export function knowsComponents(options: ComponentOptions): boolean {
  return options.components !== undefined || (options.redis ?? readEnv('REDIS_URL')) !== undefined;
}

/**
 * A discovery over the components that the options or the environment name.
 *
 * @throws GomindError `NO_COMPONENTS` when neither names any
 */
export async function openDiscovery(
  options: ComponentOptions,
  context: Pick<CliContext, 'readInput'>,
): Promise<Discovery> {
  if (options.components !== undefined) {
    const discovery = new LocalDiscovery();
    for (const component of await readComponents(options.components, context)) await discovery.register(component);
    return discovery;
  }
  const url = options.redis ?? readEnv('REDIS_URL');
  if (url === undefined) {
    throw new GomindError({
      code: 'NO_COMPONENTS',
      message: 'Nothing says where components are. Give --components FILE, or --redis URL (or set REDIS_URL).',
    });
  }
  const { RedisDiscovery } = await import('@gomind/redis');
  const namespace = options.namespace ?? readEnv('GOMIND_NAMESPACE');
  return new RedisDiscovery({ url, ...quietLogger(), ...(namespace === undefined ? {} : { namespace }) });
}
