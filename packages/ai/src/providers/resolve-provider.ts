/**
 * Which provider a client talks to, with which key, at which address: from options first, then from the environment.
 * A key of the environment travels only to the provider it belongs to, or to a server that the same environment names.
 *
 * @module
 */
import { type Environment, GomindError, readEnv, redactText } from '@gomind/core';
import { findProvider, type ProviderEntry, providers, unlistedProvider } from './provider-table.ts';

/** What a caller or the environment may say. */
export interface ProviderChoice {
  readonly provider?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly model?: string | undefined;
}

/** A provider that can be called. */
export interface ResolvedProvider {
  readonly entry: ProviderEntry;
  readonly apiKey: string | undefined;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** As given: a name or an alias; undefined: the provider's default. */
  readonly model: string | undefined;
}

/**
 * Chooses the provider.
 *
 * In this order: the `provider` option; a `baseUrl` option; `GOMIND_AI_PROVIDER`; an `apiKey` option alone, which is
 * OpenAI's; the provider with the highest priority among those that the environment has a key or a base URL for.
 *
 * @returns undefined when nothing says which
 * @throws GomindError `CONFIG_INVALID` for a name nobody knows or an unusable URL, `AI_CLIENT_NOT_CONFIGURED` for a missing key
 */
export function resolveProvider(choice: ProviderChoice, environment?: Environment): ResolvedProvider | undefined {
  const found = chooseEntry(choice, environment);
  if (found === undefined) return undefined;
  const { entry, isFromEnvironment } = found;
  const fromVariable = variableOf(entry.baseUrlVariables, environment);
  const given = choice.baseUrl ?? fromVariable?.value ?? entry.baseUrl;
  if (given === undefined) throw missingBaseUrl(entry);
  const baseUrl = readBaseUrl(given, choice.baseUrl === undefined ? fromVariable?.name : undefined);
  const ownsKey = findProvider(entry.name) !== undefined || choice.baseUrl === undefined;
  const apiKey = choice.apiKey ?? (ownsKey ? variableOf(entry.apiKeyVariables, environment)?.value : undefined);
  const isOwnUrl = given !== entry.baseUrl;
  if (apiKey === undefined && (entry.needsKey === 'always' || (entry.needsKey === 'unless-own-url' && !isOwnUrl))) {
    throw missingKey(entry);
  }
  // A model of the environment belongs to the provider of the environment.
  const fromEnvironment = isFromEnvironment ? readEnv('GOMIND_AI_MODEL', environment) : undefined;
  return { entry, apiKey, baseUrl, model: choice.model ?? fromEnvironment };
}

interface ChosenEntry {
  readonly entry: ProviderEntry;
  /** Whether the environment chose it, or would have chosen the same. */
  readonly isFromEnvironment: boolean;
}

function chooseEntry(choice: ProviderChoice, environment: Environment | undefined): ChosenEntry | undefined {
  const named = namedIn(choice.provider);
  const environmentName = namedIn(readEnv('GOMIND_AI_PROVIDER', environment));
  if (named !== undefined) {
    const entry = entryNamed(named, environment, { baseUrl: choice.baseUrl });
    const chosenByEnvironment =
      environmentName === undefined
        ? detectProvider(environment)?.name
        : (findProvider(environmentName)?.name ?? environmentName);
    return { entry, isFromEnvironment: entry.name === chosenByEnvironment };
  }
  if (choice.baseUrl !== undefined) return { entry: entryAt(choice.baseUrl), isFromEnvironment: true };
  if (environmentName !== undefined) {
    return {
      entry: entryNamed(environmentName, environment, { variable: 'GOMIND_AI_PROVIDER' }),
      isFromEnvironment: true,
    };
  }
  const entry = choice.apiKey === undefined ? detectProvider(environment) : findProvider('openai');
  return entry === undefined ? undefined : { entry, isFromEnvironment: true };
}

function namedIn(name: string | undefined): string | undefined {
  return name === undefined || name === 'auto' ? undefined : name;
}

/**
 * The provider that the environment is set up for.
 *
 * @returns the one with the highest priority; of equals, the first in the table
 */
export function detectProvider(environment?: Environment): ProviderEntry | undefined {
  const available = providers.filter((entry) => {
    const hasKey = variableOf(entry.apiKeyVariables, environment) !== undefined;
    const hasBaseUrl = variableOf(entry.baseUrlVariables, environment) !== undefined;
    return hasKey ? hasBaseUrl || entry.baseUrl !== undefined : hasBaseUrl && entry.needsKey !== 'always';
  });
  return available.toSorted((left, right) => right.priority - left.priority)[0];
}

function entryNamed(
  name: string,
  environment: Environment | undefined,
  { baseUrl, variable }: { readonly baseUrl?: string | undefined; readonly variable?: string },
): ProviderEntry {
  const entry = findProvider(name);
  if (entry !== undefined) return entry;
  const unlisted = unlistedProvider(name);
  if (baseUrl !== undefined || variableOf(unlisted.baseUrlVariables, environment) !== undefined) return unlisted;
  const told = variable === undefined ? '' : `, which ${variable} asks for`;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `There is no AI provider "${name.slice(0, 60)}"${told}. Known are ${providers.map((known) => known.name).join(', ')}; any other server that speaks the OpenAI protocol needs a baseUrl (or OPENAI_BASE_URL).`,
    details: { provider: name, ...(variable === undefined ? {} : { variable }) },
  });
}

/** A listed provider is known by its address too. */
function entryAt(baseUrl: string): ProviderEntry {
  const host = URL.parse(baseUrl)?.host;
  const listed = providers.find((entry) => entry.needsKey !== 'never' && URL.parse(entry.baseUrl ?? '')?.host === host);
  return listed !== undefined && host !== undefined
    ? listed
    : unlistedProvider(URL.parse(baseUrl)?.hostname ?? baseUrl);
}

function variableOf(
  names: readonly string[],
  environment: Environment | undefined,
): { readonly name: string; readonly value: string } | undefined {
  for (const name of names) {
    const value = readEnv(name, environment);
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

function readBaseUrl(given: string, variable: string | undefined): string {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const what = variable === undefined ? "The AI client's baseUrl" : `Environment variable ${variable}`;
    throw new GomindError({
      code: 'CONFIG_INVALID',
      message: `${what} is ${JSON.stringify(redactText(given.slice(0, 80)))}, which cannot be used. Accepted: an http or https URL such as http://localhost:11434/v1.`,
      details: variable === undefined ? {} : { variable },
    });
  }
  if (variable === 'AZURE_OPENAI_ENDPOINT' && url.pathname === '/') url.pathname = '/openai/v1';
  return url.href.replace(/\/+$/, '');
}

function missingKey(entry: ProviderEntry): GomindError {
  return new GomindError({
    code: 'AI_CLIENT_NOT_CONFIGURED',
    message: `The AI provider ${entry.name} needs a key. Set ${entry.apiKeyVariables.join(' or ')}, or pass an apiKey.`,
    details: { provider: entry.name },
  });
}

function missingBaseUrl(entry: ProviderEntry): GomindError {
  return new GomindError({
    code: 'AI_CLIENT_NOT_CONFIGURED',
    message: `The AI provider ${entry.name} has an address of its own for every customer. Set ${entry.baseUrlVariables.join(' or ')}, or pass a baseUrl.`,
    details: { provider: entry.name },
  });
}
