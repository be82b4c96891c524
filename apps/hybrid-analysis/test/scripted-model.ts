/**
 * A model that knows its answers beforehand, so that the demo and the tests need none. It is asked over the wire, by the real
 * SDK, and looks only at data: which components it is offered, and what the request brings along.
 *
 * @module
 */
import type { WireReply, WireRequest } from '@gomind/openai-wire-server';

/** Answers one request. */
export function scriptedReply({ body }: WireRequest): WireReply {
  const [question] = (body['messages'] as readonly { readonly role: string; readonly content: string }[]).slice(-1);
  const content = question?.content ?? '';
  const offered = new Set(
    ['market-data', 'source-finder', 'trend-analyst'].filter((name) => content.includes(`"${name}"`)),
  );
  if (!content.includes('"components"')) return { chunks: ['It rises, and its press is good [[step: step_5]].'] };
  if (offered.has('market-data')) return planReply(exploration);
  if (offered.has('source-finder')) return planReply([understanding]);
  return planReply(analysisOf(JSON.parse(content) as { readonly request: string }));
}

interface ScriptedStep {
  readonly name: string;
  readonly component: string;
  readonly action: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly depends_on: readonly string[];
}

const planReply = (steps: readonly ScriptedStep[]): WireReply => ({ text: JSON.stringify({ steps }) });

/** Placeholders for names, as models like to give them. */
const exploration: readonly ScriptedStep[] = [
  {
    name: 'step_1',
    component: 'market-data',
    action: 'read_market',
    inputs: { company: 'Kestrel Robotics', days: 20 },
    depends_on: [],
  },
  {
    name: 'step_2',
    component: 'news-feed',
    action: 'read_news',
    inputs: { company: 'Kestrel Robotics', limit: 3 },
    depends_on: [],
  },
  {
    name: 'step_3',
    component: 'trend-analyst',
    action: 'find_trend',
    inputs: { closes: '${steps.step_1.output.closes}' },
    depends_on: ['step_1'],
  },
  {
    name: 'step_4',
    component: 'tone-analyst',
    action: 'score_tone',
    inputs: { headlines: '${steps.step_2.output.headlines}' },
    depends_on: ['step_2'],
  },
  {
    name: 'step_5',
    component: 'outlook-writer',
    action: 'write_outlook',
    inputs: {
      company: '${steps.step_1.output.company}',
      trend: '${steps.step_3.output.trend}',
      tone: '${steps.step_4.output.tone}',
    },
    depends_on: ['step_1', 'step_3', 'step_4'],
  },
];

const understanding: ScriptedStep = {
  name: 'find',
  component: 'source-finder',
  action: 'find_sources',
  inputs: { question: 'What tells how a company stands?' },
  depends_on: [],
};

/** Prices have a trend; headlines have a tone, when there are any. */
function analysisOf({ request }: { readonly request: string }): ScriptedStep[] {
  const gathered = JSON.parse(request.slice(request.indexOf('{'))) as {
    readonly 'market-data': { readonly company: string; readonly closes: readonly number[] };
    readonly 'news-feed': { readonly headlines: readonly string[] };
  };
  const { company, closes } = gathered['market-data'];
  const { headlines } = gathered['news-feed'];
  const tone: ScriptedStep[] =
    headlines.length === 0
      ? []
      : [{ name: 'tone', component: 'tone-analyst', action: 'score_tone', inputs: { headlines }, depends_on: [] }];
  return [
    { name: 'trend', component: 'trend-analyst', action: 'find_trend', inputs: { closes }, depends_on: [] },
    ...tone,
    {
      name: 'outlook',
      component: 'outlook-writer',
      action: 'write_outlook',
      inputs: {
        company,
        trend: '${steps.trend.output.trend}',
        ...(tone.length === 0 ? {} : { tone: '${steps.tone.output.tone}' }),
      },
      depends_on: ['trend', ...tone.map(({ name }) => name)],
    },
  ];
}
