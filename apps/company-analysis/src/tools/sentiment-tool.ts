/**
 * How the press sounds.
 *
 * @module
 */
import { defineTool, GomindError } from '@gomind/core';
import { z } from 'zod';
import { companyInput, knownCompany, origin, originOf } from './known-company.ts';

/** The tone of the headlines, from -1 to 1. */
export const sentiment = z.object({
  ...origin,
  score: z.number().min(-1).max(1).describe('From -1 (bad) to 1 (good)'),
  label: z.enum(['negative', 'neutral', 'positive']),
  headlines: z.int().min(1).describe('Headlines that were read'),
});

const goodWords = /\b(?:wins?|record|strong|growth|lifts?|gains?|profit)\b/gi;
const badWords = /\b(?:loss|warns?|lawsuit|investigation|recall|weak|delayed|weighs?)\b/gi;

/** Scores headlines by their words. */
export const sentimentTool = defineTool({
  name: 'sentiment-tool',
  description: 'The tone of the press about companies, by the words of its headlines.',
  capabilities: {
    score_sentiment: {
      description: 'Score the sentiment (tone, mood) of what the press writes about a company.',
      effect: 'pure',
      tags: ['sentiment', 'tone', 'mood', 'opinion'],
      input: companyInput,
      output: sentiment,
      handler: ({ company: wanted }) => {
        const company = knownCompany(wanted);
        const text = company.news.map(({ headline }) => headline).join('\n');
        const good = text.match(goodWords)?.length ?? 0;
        const bad = text.match(badWords)?.length ?? 0;
        if (company.news.length === 0) {
          throw new GomindError({ code: 'NOT_FOUND', message: `There is no news about ${company.name} to score.` });
        }
        const score = good + bad === 0 ? 0 : Math.round(((good - bad) / (good + bad)) * 100) / 100;
        const label = score > 0.2 ? ('positive' as const) : score < -0.2 ? ('negative' as const) : ('neutral' as const);
        return { ...originOf(company), score, label, headlines: company.news.length };
      },
    },
  },
});
