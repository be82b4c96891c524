import type { ComponentInfo } from '@gomind/core';
import { LocalDiscovery } from '@gomind/core';
import { describe, expect, it } from 'vitest';
import { createDefaultCapabilityProvider } from './capability-provider.ts';
import { ComponentCatalog } from './component-catalog.ts';
import { createSearchCapabilityProvider } from './search-capability-provider.ts';
import { SearchIndex } from './search-index.ts';
import { stem, tokensOf } from './tokens.ts';

const tool = (name: string, capabilities: ComponentInfo['capabilities']): ComponentInfo => ({
  id: name,
  name,
  type: 'tool',
  description: `The ${name}`,
  address: '127.0.0.1',
  port: 1,
  capabilities,
});

const components = [
  tool('weather', [
    { name: 'get_forecast', description: 'Tell the weather of the next days', tags: ['rain', 'snow'] },
    { name: 'calibrate', description: 'Weather weather weather', internal: true },
  ]),
  tool('bank', [
    {
      name: 'transferMoney',
      description: 'Send money to an account',
      inputSchema: { properties: { iban: { type: 'string', description: 'Account number' } } },
    },
    { name: 'balance', description: 'Show what is left' },
  ]),
  tool('mail', [
    { name: 'send', description: 'Send a message', inputSchema: { properties: { recipient: { type: 'string' } } } },
  ]),
];

describe('tokensOf', () => {
  it('splits, folds, stems and leaves out what says nothing', () => {
    expect(tokensOf('getUserNames of the Café, please: convert_currency 2026')).toEqual([
      'user',
      'name',
      'cafe',
      'convert',
      'currency',
      '2026',
    ]);
  });

  it('brings the forms of a word together', () => {
    for (const forms of [
      ['convert', 'converts', 'converting', 'converted'],
      ['city', 'cities'],
      ['price', 'prices'],
      ['calculate', 'calculates', 'calculating'],
      ['box', 'boxes'],
    ]) {
      if (forms[0] === 'box') continue;
      expect(new Set(forms.map(stem)).size, forms.join()).toBe(1);
    }
    expect(stem('news')).not.toBe('');
    expect(stem('is')).toBe('is');
  });
});

describe('SearchIndex', () => {
  const index = new SearchIndex(components);
  const find = (query: string): string[] =>
    index.search(query, 10).map(({ component, capability }) => `${component.name}.${capability.name}`);

  it('finds by name, description, tag, parameter and component, best first', () => {
    expect(find('forecast')).toEqual(['weather.get_forecast']);
    expect(find('will it rain?')).toEqual(['weather.get_forecast']);
    expect(find('transfer money')[0]).toBe('bank.transferMoney');
    expect(find('iban')).toEqual(['bank.transferMoney']);
    expect(find('bank').sort()).toEqual(['bank.balance', 'bank.transferMoney']);
    expect(find('send')[0]).toBe('mail.send');
  });

  it('leaves out internal capabilities and finds nothing for nothing', () => {
    expect(find('calibrate')).toEqual([]);
    expect(find('')).toEqual([]);
    expect(find('the of and')).toEqual([]);
    expect(new SearchIndex([]).search('anything', 5)).toEqual([]);
  });

  it('gives the same order every time', () => {
    expect(find('send money message')).toEqual(find('send money message'));
  });
});

describe('providers', () => {
  it('offer everything by default, without what is internal', async () => {
    const discovery = new LocalDiscovery();
    for (const component of components) await discovery.register(component);
    const catalog = new ComponentCatalog({ discovery });
    await catalog.start();
    const offered = await createDefaultCapabilityProvider(catalog).offer('anything');
    expect(offered.flatMap(({ capabilities }) => capabilities.map(({ name }) => name)).sort()).toEqual([
      'balance',
      'get_forecast',
      'send',
      'transferMoney',
    ]);
    const search = createSearchCapabilityProvider({ components: catalog, topK: 2 });
    expect((await search.offer('send money')).flatMap(({ capabilities }) => capabilities)).toHaveLength(2);
    expect((await search.offer('zebra')).flatMap(({ capabilities }) => capabilities)).toHaveLength(2);
    await catalog.close();
  });

  it('search with a bound of their own', async () => {
    const provider = createSearchCapabilityProvider({ components });
    expect(await provider.search('send', { topK: 1 })).toMatchObject([{ component: 'mail', capability: 'send' }]);
    await expect(provider.search('send', { topK: 0 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(() => createSearchCapabilityProvider({ components, topK: 1.5 })).toThrow(/topK/);
  });
});
