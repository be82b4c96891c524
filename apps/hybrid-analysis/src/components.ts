/**
 * The components: two that gather data, three that analyse it, and an agent that knows which sources there are.
 *
 * @module
 */
import { defineAgent, defineTool, GomindError } from '@gomind/core';
import { z } from 'zod';
import { knownCompany, sampleDate } from './data/sample-companies.ts';

const company = z
  .string()
  .min(1)
  .max(80)
  .describe('Name or ticker symbol of the company')
  .meta({ examples: ['Kestrel Robotics', 'KSTR'] });

/** What every output about a company says of its origin. */
const origin = {
  company: z.string().describe('Full name of the company'),
  as_of: z.iso.date().describe('Day of the data'),
  is_sample: z.literal(true).describe('The data is made up'),
};

function originOf({ name }: { readonly name: string }): { company: string; as_of: string; is_sample: true } {
  return { company: name, as_of: sampleDate, is_sample: true };
}

/** Tells closing prices. */
const marketData = defineTool({
  name: 'market-data',
  description: 'Prices of shares. Sample data.',
  capabilities: {
    read_market: {
      description: 'Read the market: the closing prices of a share over the last days.',
      effect: 'pure',
      tags: ['source', 'market', 'share', 'price'],
      input: z.object({ company, days: z.int().min(2).max(20).default(20).describe('Trading days') }),
      output: z.object({ ...origin, closes: z.array(z.number()).min(2).describe('Oldest first') }),
      handler: ({ company: wanted, days }) => {
        const known = knownCompany(wanted);
        return { ...originOf(known), closes: known.closes.slice(-days) };
      },
    },
  },
});

/** Tells headlines. */
const newsFeed = defineTool({
  name: 'news-feed',
  description: 'Headlines about companies. Sample data.',
  capabilities: {
    read_news: {
      description: 'Read the news: the latest headlines about a company.',
      effect: 'pure',
      tags: ['source', 'news', 'headlines'],
      input: z.object({ company, limit: z.int().min(1).max(20).default(5).describe('Headlines at most') }),
      output: z.object({ ...origin, headlines: z.array(z.string()).describe('Newest first') }),
      handler: ({ company: wanted, limit }) => {
        const known = knownCompany(wanted);
        return { ...originOf(known), headlines: known.headlines.slice(0, limit) };
      },
    },
  },
});

/** Finds out where prices are going. */
const trendAnalyst = defineTool({
  name: 'trend-analyst',
  description: 'Reads the trend out of prices.',
  capabilities: {
    find_trend: {
      description: 'Find the trend of a series of closing prices.',
      effect: 'pure',
      tags: ['trend', 'chart'],
      input: z.object({ closes: z.array(z.number().positive()).min(2).describe('Oldest first') }),
      output: z.object({ trend: z.enum(['down', 'sideways', 'up']), change_percent: z.number() }),
      handler: ({ closes }) => {
        const change = (closes.at(-1) ?? 0) / (closes[0] ?? 1) - 1;
        const trend = change > 0.02 ? ('up' as const) : change < -0.02 ? ('down' as const) : ('sideways' as const);
        return { trend, change_percent: Math.round(change * 1_000) / 10 };
      },
    },
  },
});

const goodWords = /\b(?:wins?|record|strong|lifts?|opens)\b/gi;
const badWords = /\b(?:loss|warns?|lawsuit|recall|weak|delayed|weighs?)\b/gi;

/** Scores how headlines sound. */
const toneAnalyst = defineTool({
  name: 'tone-analyst',
  description: 'Hears the tone of headlines, by their words.',
  capabilities: {
    score_tone: {
      description: 'Score the tone of headlines.',
      effect: 'pure',
      tags: ['tone', 'mood', 'sentiment'],
      input: z.object({ headlines: z.array(z.string()).min(1) }),
      output: z.object({ tone: z.enum(['bad', 'mixed', 'good']), score: z.number().min(-1).max(1) }),
      handler: ({ headlines }) => {
        const text = headlines.join('\n');
        const good = text.match(goodWords)?.length ?? 0;
        const bad = text.match(badWords)?.length ?? 0;
        const score = good + bad === 0 ? 0 : Math.round(((good - bad) / (good + bad)) * 100) / 100;
        return { tone: score > 0.3 ? ('good' as const) : score < -0.3 ? ('bad' as const) : ('mixed' as const), score };
      },
    },
  },
});

/** Puts the findings together. */
const outlookWriter = defineTool({
  name: 'outlook-writer',
  description: 'Weighs what the analysts found.',
  capabilities: {
    write_outlook: {
      description: 'Write the outlook of a company: weigh the trend of its share against the tone of its press.',
      effect: 'pure',
      tags: ['outlook', 'conclusion'],
      input: z.object({
        company,
        trend: z.enum(['down', 'sideways', 'up']).describe('From find_trend'),
        tone: z.enum(['bad', 'mixed', 'good']).optional().describe('From score_tone; left out when there is no news'),
      }),
      output: z.object({ outlook: z.enum(['unfavourable', 'unclear', 'favourable']), summary: z.string() }),
      handler: ({ company: name, trend, tone }) => {
        const weight = { down: -1, sideways: 0, up: 1, bad: -1, mixed: 0, good: 1 };
        const sum = weight[trend] + (tone === undefined ? 0 : weight[tone]);
        const outlook = sum > 0 ? ('favourable' as const) : sum < 0 ? ('unfavourable' as const) : ('unclear' as const);
        const press = tone === undefined ? 'nobody writes about it' : `the press sounds ${tone}`;
        return { outlook, summary: `${name} looks ${outlook}: its share goes ${trend}, and ${press}.` };
      },
    },
  },
});

/** An agent: it looks into the registry for what is tagged as a source. */
export const sourceFinder = defineAgent({
  name: 'source-finder',
  description: 'Knows which data sources there are.',
  capabilities: {
    find_sources: {
      description: 'Find the data sources that can help with a question.',
      effect: 'pure',
      tags: ['sources'],
      input: z.object({ question: z.string().min(3).max(1_000).describe('What is to be found out') }),
      output: z.object({ sources: z.array(z.object({ tool: z.string(), gives: z.string() })).min(1) }),
      handler: async (_input, { discovery }) => {
        const sources = (await discovery.discover({ type: 'tool' })).flatMap((tool) =>
          tool.capabilities
            .filter(({ tags }) => tags?.includes('source') === true)
            .map(({ description }) => ({ tool: tool.name, gives: description })),
        );
        if (sources.length > 0) return { sources };
        throw new GomindError({ code: 'NOT_FOUND', message: 'No data source is registered.' });
      },
    },
  },
});

/** All of them. */
export const tools = [marketData, newsFeed, trendAnalyst, toneAnalyst, outlookWriter] as const;
