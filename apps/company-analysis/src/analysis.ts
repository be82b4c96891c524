/**
 * The structured answer: its schema, and the synthesizer that fills it. Figures go from the tools into the analysis without a
 * model in between, so none can be invented; a model only writes the conclusion.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import type { OrchestratorResponse, SynthesisInput, Synthesizer } from '@gomind/orchestration';
import { z } from 'zod';
import { financials } from './tools/financials-tool.ts';
import { indicators } from './tools/indicators-tool.ts';
import { news } from './tools/news-tool.ts';
import { sentiment } from './tools/sentiment-tool.ts';

const partNames = ['financials', 'news', 'sentiment', 'indicators'] as const;
type PartName = (typeof partNames)[number];
const partByAction: ReadonlyMap<string, PartName> = new Map([
  ['get_financials', 'financials'],
  ['get_news', 'news'],
  ['score_sentiment', 'sentiment'],
  ['technical_indicators', 'indicators'],
]);

/** What `analyseCompany` answers. A part that is not there is in `missing`, with the reason. */
export const analysis = z.strictObject({
  financials: financials.optional(),
  news: news.optional(),
  sentiment: sentiment.optional(),
  indicators: indicators.optional(),
  missing: z.array(z.strictObject({ part: z.enum(partNames), reason: z.string() })),
  sources: z.array(z.strictObject({ part: z.enum(partNames), step: z.string(), tool: z.string() })),
  /** Share of the four parts that are there. */
  completeness: z.number().min(0).max(1),
  conclusion: z.string().min(1).describe('A few sentences; by a model where there is one'),
});

/** A company's analysis. */
export type Analysis = z.infer<typeof analysis>;

/**
 * Makes the synthesizer whose answer is an {@link Analysis} as JSON.
 *
 * @param writer writes the conclusion; what it throws leaves the plain one
 */
export function createAnalysisSynthesizer(writer?: Synthesizer): Synthesizer {
  return {
    strategy: 'analysis',
    synthesize: async (input, options = {}) => {
      const collected = collectParts(input);
      const plain = plainConclusion(collected);
      let conclusion = plain;
      if (writer !== undefined) {
        // The answer is JSON, so pieces of the conclusion are not streamed as if they were it.
        const emit: typeof options.emit = (event) => {
          if (event.type !== 'synthesis.delta') options.emit?.(event);
        };
        try {
          const written = await writer.synthesize(input, { ...options, emit });
          conclusion = typeof written === 'string' ? written : written.text;
        } catch (error) {
          if (options.signal?.aborted === true || !GomindError.isInstance(error)) throw error;
        }
      }
      const text = JSON.stringify({ ...collected, conclusion });
      options.emit?.({ type: 'synthesis.delta', text });
      return text;
    },
  };
}

type Collected = Omit<Analysis, 'conclusion'>;

function collectParts({ plan, result }: SynthesisInput): Collected {
  const found: Partial<Record<PartName, unknown>> = {};
  const sources: Analysis['sources'] = [];
  const reasons = new Map<PartName, string>();
  for (const step of plan.steps) {
    const part = partByAction.get(step.action ?? '');
    const outcome = result.steps[step.name];
    if (part === undefined || outcome === undefined || part in found) continue;
    if (outcome.status === 'completed') {
      found[part] = outcome.output;
      sources.push({ part, step: step.name, tool: `${step.component ?? ''}.${step.action ?? ''}` });
    } else reasons.set(part, outcome.error?.message ?? outcome.reason ?? 'The step did not run.');
  }
  const missing = partNames
    .filter((part) => !(part in found))
    .map((part) => ({ part, reason: reasons.get(part) ?? 'Nobody was asked for it.' }));
  return { ...(found as Collected), missing, sources, completeness: 1 - missing.length / partNames.length };
}

function plainConclusion({ financials: figures, sentiment: tone, indicators: chart, missing }: Collected): string {
  const sentences = [
    ...(figures === undefined
      ? []
      : [
          `Revenue changed by ${String(figures.revenue_growth_percent)} %, the net margin is ${String(figures.net_margin_percent)} %.`,
        ]),
    ...(tone === undefined ? [] : [`The press sounds ${tone.label}.`]),
    ...(chart === undefined ? [] : [`The share's trend is ${chart.trend}.`]),
    ...missing.map(({ part, reason }) => `Without ${part}: ${reason}`),
  ];
  return sentences.join(' ');
}

/**
 * The analysis in a response, checked.
 *
 * @param response of an orchestrator that writes with {@link createAnalysisSynthesizer}
 * @throws GomindError `NO_ANALYSIS` when the response holds none, with what went wrong
 */
export function readAnalysis(response: OrchestratorResponse): Analysis {
  const checked = analysis.safeParse(parsed(response.response));
  if (checked.success) return checked.data;
  const causes = response.errors.map(({ message }) => message);
  throw new GomindError({
    code: 'NO_ANALYSIS',
    message: `There is no analysis. ${causes.join(' ') || z.prettifyError(checked.error)}`,
    details: { status: response.status, errors: response.errors },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
