/**
 * What was written about a company.
 *
 * @module
 */
import { defineTool, GomindError } from '@gomind/core';
import { z } from 'zod';
import { companyInput, knownCompany, origin, originOf } from './known-company.ts';

/** Headlines, newest first. */
export const news = z.object({
  ...origin,
  items: z.array(z.object({ date: z.iso.date(), headline: z.string() })).min(1),
});

/** Lists headlines of the sample data. */
export const newsTool = defineTool({
  name: 'news-tool',
  description: 'Recent headlines about companies. Sample data.',
  capabilities: {
    get_news: {
      description: 'Get the latest news about a company: dated headlines, newest first.',
      effect: 'pure',
      tags: ['news', 'headlines', 'press'],
      input: companyInput,
      output: news,
      handler: ({ company: wanted }) => {
        const company = knownCompany(wanted);
        if (company.news.length === 0) {
          throw new GomindError({ code: 'NOT_FOUND', message: `There is no news about ${company.name}.` });
        }
        return { ...originOf(company), items: [...company.news] };
      },
    },
  },
});
