/**
 * Everyday words for what general tools do: "how many" calls for counting, "each" for multiplying, a question for looking up.
 *
 * It serves tools whose whole name says only how they work (`add`, `filter`, `search`), not what about. They are never spoken of
 * by name, so words alone would not find them.
 *
 * @module
 */
import { type Capability, type JsonSchema } from '@gomind/core';
import { stem } from '../../capabilities/tokens.ts';
import { typesOf } from '../../plan/schemas/schema-reader.ts';

interface Concept {
  /** What people say. */
  readonly cues: RegExp;
  /** What tools are called. */
  readonly names: readonly string[];
  /** Whether only tools that work on numbers alone are meant: `add` is also what a shopping list does. */
  readonly isArithmetic?: true;
}

const question =
  /\?|\b(?:what|which|who|whom|whose|where|when|how|find|show|tell|list|give|know|see|is|are|was|were|does|did|any|if)\b/i;

const concepts: readonly Concept[] = [
  { cues: question, names: words('select search query lookup retrieve fetch find answer') },
  { cues: /\p{L}/u, names: words('task subtask ask chat assistant agent delegate execute perform handle') },
  {
    cues: /\b(?:how many|how often|number of|count|amount of|at least|at most|only|one|two|three|four|five)\b/i,
    names: words('count aggregate'),
  },
  { cues: /\b(?:total|average|mean|sum|maximum|minimum|most|least)\b/i, names: words('aggregate') },
  {
    cues: /\b(?:that|which|who|whose|with|from|in|on|having|where|only|made|has|have|\w{3,}ing)\b/i,
    names: words('filter'),
  },
  { cues: /\b(?:what|whats|who|whose|where|when|how|of|which|same)\b|['’]s\b/i, names: words('project') },
  {
    cues: /^\W*(?:is|are|was|were|does|do|did|can|could|has|have|if|will|would)\b|\b(?:whether|same as|true)\b/i,
    names: words('boolean'),
  },
  {
    cues: /\b(?:more|less|fewer|greater|higher|lower|larger|bigger|smaller|longer|shorter|older|newer|later|earlier|at least|at most|over|under|above|below|exactly|before|after)\b/i,
    names: words('comparative'),
  },
  { cues: /\b\w+er\b.*\b(?:or|than|and)\b|\b(?:compare|versus|vs)\b/i, names: words('comparison compare') },
  {
    cues: /\b(?:most|least|fewest|first|last|top|best|worst|\w{3,}est)\b/i,
    names: words('superlative sort order rank max min maximum minimum'),
  },
  { cues: /\b(?:each|per|every|most|least|by)\b/i, names: words('group') },
  { cues: /\b(?:or|either|and|as well as)\b/i, names: words('union') },
  { cues: /\b(?:both|at once|in common|as well as|and also|and)\b/i, names: words('intersection intersect') },
  {
    cues: /\bhow (?:many|much) (?:more|less|fewer)\b|\b(?:difference|percent|total of|combined|how long between|how many (?:years|days))\b/i,
    names: words('arithmetic'),
  },
  {
    isArithmetic: true,
    cues: /\b(?:sum|total|altogether|combined|together|in all|plus|increas\w*|more|added?|both|and|average|mean|perimeter|longer|profit|after|also|gains?|interest)\b|\+/i,
    names: words('add sum plus'),
  },
  {
    isArithmetic: true,
    cues: /\b(?:difference|less|fewer|minus|left|remain\w*|decreas\w*|reduc\w*|discount|profit|loss|lost|gain|after|away|exceeds?|older|younger|more|before|ago|without|except|not|other|opposite|only|rest|between|than|next)\b|-/i,
    names: words('subtract minus difference'),
  },
  {
    isArithmetic: true,
    cues: /\b(?:times|twice|thrice|double|triple|product|each|every|at|percent|per ?cent|of|area|rate|cost|price|speed|hours?|days?|minutes|interest|sold|squared?|cube|volume|%)\b|[%$*×]/i,
    names: words('multiply product times'),
  },
  {
    isArithmetic: true,
    cues: /\b(?:per|ratio|average|mean|half|third|quarter|shared?|divi\w*|split|each|percent\w*|rate|speed|long|how many|fraction|equal\w*|proportion|together|alone|hours?|time|probability|\d+th|value|then|distance|length|km)\b|[%/÷]/i,
    names: words('divide quotient'),
  },
  { isArithmetic: true, cues: /\b(?:squared?|cubed?|power|exponent|compound\w*|digits?)\b|\^/i, names: words('power') },
  { isArithmetic: true, cues: /\b(?:root|sqrt|diagonal|hypotenuse)\b/i, names: words('sqrt root') },
];

function words(text: string): string[] {
  return text.split(' ').map(stem);
}

/** What a request calls for besides its own words. */
export interface CalledFor {
  /** Name words (stems) of general tools. */
  readonly general: ReadonlySet<string>;
  /** Name words (stems) of tools that calculate. */
  readonly arithmetic: ReadonlySet<string>;
}

/** Finds what a request calls for. */
export function calledFor(request: string): CalledFor {
  const general = new Set<string>();
  const arithmetic = new Set<string>();
  for (const { cues, names, isArithmetic } of concepts) {
    if (!cues.test(request)) continue;
    for (const name of names) (isArithmetic === true ? arithmetic : general).add(name);
  }
  return { general, arithmetic };
}

/** Whether a tool works on numbers alone. */
export function isCalculation(capability: Capability): boolean {
  const fields = Object.values(capability.inputSchema?.properties ?? {});
  return fields.length > 0 && fields.every(isNumeric);
}

function isNumeric(schema: JsonSchema): boolean {
  const types = typesOf(schema);
  return types !== undefined && [...types].every((type) => type === 'number' || type === 'integer');
}
