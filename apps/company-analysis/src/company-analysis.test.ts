import { createAIClient } from '@gomind/ai';
import { startOpenAIWireServer, type WireReply } from '@gomind/openai-wire-server';
import { describe, expect, it } from 'vitest';
import type { Analysis } from './analysis.ts';
import { analyseCompany, startCompanyAnalyst } from './company-analysis.ts';

const step = (name: string, component: string, action: string, company: string) => ({
  name,
  component,
  action,
  inputs: { company },
  depends_on: [],
});
const planFor = (company: string): WireReply => ({
  text: JSON.stringify({
    steps: [
      step('figures', 'financials-tool', 'get_financials', company),
      step('press', 'news-tool', 'get_news', company),
      step('tone', 'sentiment-tool', 'score_sentiment', company),
      step('chart', 'indicators-tool', 'technical_indicators', company),
    ],
  }),
});

async function analyse(company: string, replies?: readonly WireReply[]): Promise<Analysis> {
  await using server = await startOpenAIWireServer({ reply: replies ?? [] });
  await using aiClient = createAIClient({ baseUrl: server.baseUrl, apiKey: 'test', model: 'test-model' });
  await using analyst = await startCompanyAnalyst(replies === undefined ? undefined : aiClient);
  return await analyseCompany(analyst.orchestrator, company);
}

describe('the company analysis', () => {
  it('is complete and structured without a model', async () => {
    const analysis = await analyse('Acme Robotics');
    expect(analysis).toMatchObject({
      financials: { company: 'Acme Robotics', revenue_growth_percent: 18.5, is_sample: true, as_of: '2026-01-15' },
      sentiment: { label: 'positive', headlines: 3 },
      indicators: { trend: 'up', last_close: 100.2 },
      missing: [],
      completeness: 1,
    });
    expect(analysis.news?.items).toHaveLength(3);
    expect(analysis.sources.map(({ part }) => part).toSorted()).toEqual([
      'financials',
      'indicators',
      'news',
      'sentiment',
    ]);
  });

  it("takes the model's plan and conclusion and the tools' figures", async () => {
    const analysis = await analyse('BRLS', [
      planFor('BRLS'),
      { chunks: ['It lost 999 billion [[st', 'ep: figures]].'] },
    ]);
    expect(analysis.conclusion).toBe('It lost 999 billion.');
    expect(analysis.financials?.net_income_millions).toBe(-148);
    expect(analysis.sources).toContainEqual({
      part: 'indicators',
      step: 'chart',
      tool: 'indicators-tool.technical_indicators',
    });
  });

  it('names the parts that are missing, and why', async () => {
    const analysis = await analyse('Cedar Foods', [planFor('Cedar Foods'), { status: 400 }]);
    expect(analysis.completeness).toBe(0.5);
    expect(analysis.missing.map(({ part }) => part)).toEqual(['news', 'sentiment']);
    expect(analysis.missing[0]?.reason).toContain('no news about Cedar Foods');
    expect(analysis.conclusion).toContain('Without news');
  });

  it('says what went wrong when there is nothing to analyse', async () => {
    await expect(analyse('Nobody Inc')).rejects.toMatchObject({
      code: 'NO_ANALYSIS',
      message: expect.stringContaining('Acme Robotics, Borealis Energy, Cedar Foods') as string,
    });
  });
});
