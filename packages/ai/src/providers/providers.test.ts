import { GomindError } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { findProvider, providers } from './provider-table.ts';
import { resolveModel } from './resolve-model.ts';
import { detectProvider, resolveProvider } from './resolve-provider.ts';

function thrown(action: () => unknown): GomindError {
  try {
    action();
  } catch (error) {
    if (GomindError.isInstance(error)) return error;
  }
  throw new Error('expected a GomindError');
}

describe('finding a provider in the environment', () => {
  it('prefers in the order of the Go original', () => {
    const keys = ['OPENAI', 'GROQ', 'DEEPSEEK', 'XAI', 'ANTHROPIC', 'QWEN', 'TOGETHER', 'GEMINI'];
    const names: (string | undefined)[] = [];
    for (let from = 0; from < keys.length; from++) {
      const environment = Object.fromEntries(keys.slice(from).map((key) => [`${key}_API_KEY`, 'k']));
      names.push(detectProvider({ ...environment, OLLAMA_BASE_URL: 'http://localhost:11434/v1' })?.name);
    }
    expect(names).toEqual(['openai', 'groq', 'deepseek', 'xai', 'anthropic', 'qwen', 'together', 'gemini']);
    expect(detectProvider({ OLLAMA_BASE_URL: 'http://localhost:11434/v1' })?.name).toBe('ollama');
    expect(detectProvider({})).toBeUndefined();
  });

  it('takes empty variables for unset ones', () => {
    expect(detectProvider({ OPENAI_API_KEY: ' ', GROQ_API_KEY: 'k' })?.name).toBe('groq');
  });

  it('wants both the key and the address of Azure, and adds the path to an endpoint', () => {
    expect(detectProvider({ AZURE_OPENAI_API_KEY: 'k' })).toBeUndefined();
    const environment = { AZURE_OPENAI_API_KEY: 'k', AZURE_OPENAI_ENDPOINT: 'https://acme.openai.azure.com/' };
    expect(resolveProvider({}, environment)?.baseUrl).toBe('https://acme.openai.azure.com/openai/v1');
    expect(
      resolveProvider({}, { AZURE_OPENAI_API_KEY: 'k', AZURE_OPENAI_BASE_URL: 'https://gateway/azure' })?.baseUrl,
    ).toBe('https://gateway/azure');
  });

  it('yields to GOMIND_AI_PROVIDER, which yields to an option', () => {
    const environment = { OPENAI_API_KEY: 'o', GROQ_API_KEY: 'g', XAI_API_KEY: 'x', GOMIND_AI_PROVIDER: 'Groq' };
    expect(resolveProvider({}, environment)).toMatchObject({ entry: { name: 'groq' }, apiKey: 'g' });
    expect(resolveProvider({ provider: 'xai' }, environment)).toMatchObject({ entry: { name: 'xai' }, apiKey: 'x' });
    expect(resolveProvider({}, { ...environment, GOMIND_AI_PROVIDER: 'auto' })?.entry.name).toBe('openai');
    expect(() => resolveProvider({}, { GOMIND_AI_PROVIDER: 'nope' })).toThrow(
      /"nope", which GOMIND_AI_PROVIDER asks for/,
    );
  });
});

describe('names', () => {
  it.each([
    ['openai.groq', 'groq'],
    ['google', 'gemini'],
    ['azure-openai', 'azure'],
    ['Claude', 'anthropic'],
  ])('%s means %s', (name, expected) => {
    expect(findProvider(name)?.name).toBe(expected);
  });

  it('are unique, and every listed address is https or local', () => {
    const names = providers.flatMap(({ name, otherNames = [] }) => [name, ...otherNames]);
    expect(new Set(names).size).toBe(names.length);
    for (const { baseUrl = 'https://' } of providers) expect(baseUrl).toMatch(/^https:\/\/|^http:\/\/localhost:/);
  });

  it('that nobody knows are refused with the list, unless a server is named', () => {
    expect(thrown(() => resolveProvider({ provider: 'gorq' }, { OPENAI_API_KEY: 'k' })).message).toMatch(/gorq.*groq/);
    expect(resolveProvider({ provider: 'acme', baseUrl: 'http://acme/v1' }, {})?.entry.name).toBe('acme');
  });
});

describe('keys', () => {
  it('of the environment stay with their provider', () => {
    const environment = { OPENAI_API_KEY: 'secret' };
    expect(resolveProvider({ baseUrl: 'https://elsewhere.example/v1' }, environment)?.apiKey).toBeUndefined();
    expect(
      resolveProvider({ provider: 'acme', baseUrl: 'https://elsewhere.example/v1' }, environment)?.apiKey,
    ).toBeUndefined();
    expect(
      resolveProvider({ provider: 'groq', baseUrl: 'https://proxy.example' }, environment)?.apiKey,
    ).toBeUndefined();
    expect(resolveProvider({ baseUrl: 'https://api.openai.com/v1' }, environment)?.apiKey).toBe('secret');
  });

  it('of the environment go to the server that the environment names', () => {
    const environment = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://gateway/v1/' };
    expect(resolveProvider({}, environment)).toMatchObject({ apiKey: 'k', baseUrl: 'http://gateway/v1' });
  });

  it('that are missing are told by the name of their variable, without asking the provider first', () => {
    expect(thrown(() => resolveProvider({ provider: 'mistral' }, {}))).toMatchObject({
      code: 'AI_CLIENT_NOT_CONFIGURED',
      message: expect.stringContaining('MISTRAL_API_KEY') as string,
    });
    expect(thrown(() => resolveProvider({ provider: 'azure', apiKey: 'k' }, {})).message).toContain(
      'AZURE_OPENAI_ENDPOINT',
    );
  });

  it('are not needed by servers of one own', () => {
    expect(resolveProvider({ provider: 'ollama' }, {})).toMatchObject({ baseUrl: 'http://localhost:11434/v1' });
    expect(resolveProvider({ provider: 'vllm' }, {})?.apiKey).toBeUndefined();
  });

  it('given alone are for OpenAI', () => {
    expect(resolveProvider({ apiKey: 'k' }, { GROQ_API_KEY: 'g' })).toMatchObject({
      entry: { name: 'openai' },
      apiKey: 'k',
    });
  });
});

describe('addresses', () => {
  it('tell a listed provider', () => {
    expect(resolveProvider({ baseUrl: 'https://api.groq.com/openai/v1', apiKey: 'k' }, {})?.entry.name).toBe('groq');
    expect(resolveProvider({ baseUrl: 'https://models.example/v1' }, {})?.entry.name).toBe('models.example');
  });

  it('that cannot be used are told by the variable they came from', () => {
    const error = thrown(() => resolveProvider({}, { GROQ_API_KEY: 'k', GROQ_BASE_URL: 'groq' }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { variable: 'GROQ_BASE_URL' } });
  });
});

describe('models', () => {
  const groq = findProvider('groq') ?? providers[0];
  if (groq === undefined) throw new Error('no provider');

  it('by purpose come from the environment, then from the provider; other names stand for themselves', () => {
    expect(resolveModel(groq, 'fast', { GOMIND_GROQ_MODEL_FAST: 'mine' })).toBe('mine');
    expect(resolveModel(groq, 'fast', {})).toBe('llama-3.1-8b-instant');
    expect(resolveModel(groq, undefined, { GOMIND_GROQ_MODEL_DEFAULT: 'mine' })).toBe('mine');
    expect(resolveModel(groq, 'some-model', {})).toBe('some-model');
  });

  it('fall back from premium to smart, and from the rest to default', () => {
    expect(resolveModel(groq, 'premium', {})).toBe(groq.models.smart);
    expect(resolveModel(groq, 'vision', {})).toBe(groq.models.default);
  });

  it('of Azure are deployments, which have to be named', () => {
    const azure = findProvider('azure') ?? groq;
    expect(thrown(() => resolveModel(azure, 'smart', {})).message).toContain('GOMIND_AZURE_MODEL_SMART');
  });

  it('of the environment belong to the provider of the environment', () => {
    const environment = { OPENAI_API_KEY: 'o', ANTHROPIC_API_KEY: 'a', GOMIND_AI_MODEL: 'gpt-4.1' };
    expect(resolveProvider({}, environment)?.model).toBe('gpt-4.1');
    expect(resolveProvider({ provider: 'openai' }, environment)?.model).toBe('gpt-4.1');
    expect(resolveProvider({ provider: 'anthropic' }, environment)?.model).toBeUndefined();
    expect(resolveProvider({ provider: 'anthropic', model: 'smart' }, environment)?.model).toBe('smart');
  });
});
