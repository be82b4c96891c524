/**
 * Builds the steps of a route, clause by clause: chooses a capability, fills it, and adds the steps it stands on.
 *
 * @module
 */
import { type Capability, canonicalJson, type ComponentInfo } from '@gomind/core';
import type { SearchHit, SearchIndex } from '../../capabilities/search-index.ts';
import { tokensOf, wordsOf } from '../../capabilities/tokens.ts';
import type { PlanStep } from '../../plan/routing-plan.ts';
import { type Clause, isStatement, pointsBack, widened } from './clauses.ts';
import { coordinatedWith } from './coordinated.ts';
import { generalTools, nearTools } from './further-tools.ts';
import { type Field, fieldsOf } from './field-kind.ts';
import { type FilledInputs, fillInputs, type FillSources, valueOf } from './fill-inputs.ts';
import type { Mention, MentionRole } from './mentions.ts';
import { ProducerTable } from './producer-table.ts';
import { shorten } from './quote-clause.ts';
import { spokenTokens } from './spoken-tokens.ts';
import { TextReader } from './text-reader.ts';

/** Candidates looked at for one clause. */
const maxCandidates = 8;
/** A candidate may score this much less than the best and still be meant. */
const minShareOfBest = 0.45;
/** A candidate this near to the best may also take values from other sentences. */
const minShareToWiden = 0.75;
/** How much of what a clause asks for (by rarity of the words) a capability must speak of. */
const minCoverage = 0.45;
/** Steps that may stand under one value. */
const maxChain = 2;

interface DraftStep {
  readonly step: PlanStep;
  readonly component: ComponentInfo;
  readonly capability: Capability;
  /** Numbers of its clause that no input took: "100 Tesla shares". */
  readonly quantities: readonly number[];
}

/** Words that a kind of mention stands for when the clause does not say them. */
const impliedWords: Readonly<Partial<Record<Mention['kind'], string>>> = {
  currency: 'currency',
  expression: 'calculate arithmetic expression',
  email: 'email',
};

/** Collects the steps of one route. */
export class RouteBuilder {
  readonly #index: SearchIndex;
  readonly #producers: ProducerTable;
  readonly #texts: TextReader;
  readonly #steps = new Map<string, DraftStep>();
  /** Steps that answer a clause themselves, oldest first. */
  readonly #answers: DraftStep[] = [];
  readonly #usedMentions = new Set<Mention>();

  constructor(offered: readonly ComponentInfo[], index: SearchIndex, now: Date) {
    this.#index = index;
    this.#producers = new ProducerTable(offered);
    this.#texts = new TextReader(now);
  }

  /** The steps so far; each after those it depends on. */
  steps(): PlanStep[] {
    return [...this.#steps.values()].map(({ step }) => step);
  }

  /** Whether something that a clause names went into a step. */
  hasUsed(clause: Clause): boolean {
    return this.#texts.mentionsOf(clause.text).some((mention) => this.#usedMentions.has(mention));
  }

  /**
   * Adds the steps that a clause asks for.
   *
   * @returns why there are none, if so
   */
  add(clause: Clause): string | undefined {
    if (clause.neighbours.length > 0 && isStatement(clause.text)) return `"${clause.shown}" only tells something.`;
    const candidates = this.#candidatesFor(clause);
    const best = candidates[0];
    if (best === undefined) return `No capability fits "${clause.shown}".`;
    for (const candidate of candidates) {
      if (candidate.score < best.score * minShareOfBest) break;
      if (this.#tryCandidate(candidate, clause)) return undefined;
    }
    for (const candidate of candidates) {
      if (candidate.score < best.score * minShareToWiden) break;
      if (this.#tryCandidate(candidate, widened(clause))) return undefined;
    }
    const missing = this.#missingField(best, widened(clause));
    return `${best.component.name}.${best.capability.name} fits "${clause.shown}", but the request does not say ${missing}.`;
  }

  /**
   * Adds what the request as a whole asks for, beyond the one capability for each clause.
   *
   * @param request everything that is said
   */
  addFurther(request: string, clauses: readonly Clause[]): void {
    for (const find of [nearTools, generalTools]) {
      for (const hit of find(request, this.#index, [...this.#steps.values()])) {
        if (this.#calls(hit.capability)) continue;
        const clause = this.#clauseFor(hit, clauses);
        if (clause !== undefined && !this.#tryCandidate(hit, clause)) this.#tryCandidate(hit, widened(clause));
      }
    }
  }

  #calls(capability: Capability): boolean {
    return [...this.#steps.values()].some((draft) => draft.capability === capability);
  }

  /** The clause that speaks most of what a capability speaks of; the first among equals. */
  #clauseFor({ component, capability }: SearchHit, clauses: readonly Clause[]): Clause | undefined {
    const spoken = spokenTokens({ component, capability });
    const shareOf = (clause: Clause): number =>
      this.#texts
        .tokensOf(clause.text)
        .reduce((sum, token) => sum + (spoken.has(token) ? this.#index.rarityOf(token) : 0), 0);
    return clauses
      .map((clause) => ({ clause, share: shareOf(clause) }))
      .reduce<{ clause: Clause; share: number } | undefined>(
        (best, next) => (best === undefined || next.share > best.share ? next : best),
        undefined,
      )?.clause;
  }

  #candidatesFor(clause: Clause): SearchHit[] {
    const wanted = this.#wantedTokens(clause.text);
    const total = [...wanted].reduce((sum, token) => sum + this.#index.rarityOf(token), 0);
    return this.#index.search([...wanted], maxCandidates).filter(({ component, capability }) => {
      const spoken = spokenTokens({ component, capability });
      const covered = [...wanted].reduce(
        (sum, token) => sum + (spoken.has(token) ? this.#index.rarityOf(token) : 0),
        0,
      );
      return covered / total >= minCoverage;
    });
  }

  /** What a clause asks for: its words without the things it names. */
  #wantedTokens(text: string): Set<string> {
    const mentions = this.#texts.mentionsOf(text).filter((mention) => mention.isGuess !== true);
    let rest = text;
    for (const { start, end } of [...mentions].reverse()) rest = `${rest.slice(0, start)} ${rest.slice(end)}`;
    const tokens = new Set(tokensOf(rest));
    // A guessed name is a word like any other when capabilities speak of it, else a name.
    for (const mention of this.#texts.mentionsOf(text)) {
      if (mention.isGuess !== true) continue;
      const words = tokensOf(String(mention.value));
      if (words.every((word) => !this.#index.has(word))) for (const word of words) tokens.delete(word);
    }
    for (const { kind } of mentions) for (const word of tokensOf(impliedWords[kind] ?? '')) tokens.add(word);
    return tokens;
  }

  #tryCandidate({ component, capability }: SearchHit, clause: Clause): boolean {
    const sources = this.#sourcesFor(clause, { component, capability, depth: 0 });
    const before = new Map(this.#steps);
    const filled = fillInputs(capability, sources);
    if (!filled.ok) {
      this.#restore(before);
      return false;
    }
    for (const mention of filled.used) this.#usedMentions.add(mention);
    const used = new Set(filled.used);
    const quantities = this.#texts
      .mentionsOf(clause.text)
      .flatMap((mention) =>
        mention.kind === 'number' && !used.has(mention) && typeof mention.value === 'number' ? [mention.value] : [],
      );
    this.#answers.push(this.#put({ component, capability, inputs: filled.inputs, quantities }));
    for (const inputs of this.#repeated(filled, clause)) this.#put({ component, capability, inputs, quantities });
    return true;
  }

  /** The same call for everything else that stands beside what it was filled with: one for Boston, one for San Francisco. */
  #repeated({ bound, used, inputs }: Extract<FilledInputs, { ok: true }>, clause: Clause): Record<string, unknown>[] {
    const mentions = this.#texts.mentionsOf(clause.text);
    return bound.flatMap(({ field, mention }) => {
      if (!field.isRequired || !mentions.includes(mention)) return [];
      return coordinatedWith(mention, clause.text, mentions).flatMap((sibling) => {
        const value = used.includes(sibling) ? undefined : valueOf(field, sibling);
        if (value === undefined) return [];
        this.#usedMentions.add(sibling);
        return [{ ...inputs, [field.name]: value }];
      });
    });
  }

  #missingField({ component, capability }: SearchHit, clause: Clause): string {
    const before = new Map(this.#steps);
    const filled = fillInputs(capability, this.#sourcesFor(clause, { component, capability, depth: 0 }));
    this.#restore(before);
    if (filled.ok) return 'what it needs';
    const { name, schema } = filled.missing;
    return schema.description === undefined ? `"${name}"` : `"${name}" (${shorten(schema.description)})`;
  }

  #restore(steps: ReadonlyMap<string, DraftStep>): void {
    this.#steps.clear();
    for (const [key, step] of steps) this.#steps.set(key, step);
  }

  #sourcesFor(
    clause: Clause,
    place: { readonly component: ComponentInfo; readonly capability: Capability; readonly depth: number },
  ): FillSources {
    const mentions = this.#texts.mentionsOf(clause.text);
    const nearby = clause.neighbours.flatMap((text) => this.#texts.mentionsOf(text));
    return {
      text: clause.text,
      mentions,
      nearby,
      ...this.#texts.spokenIn(clause.text, place),
      mayGuess: mayGuess(place.capability),
      isPointingBack: pointsBack(clause.text),
      derive: (field, subject) => this.#derive(field, subject.role, { clause, mentions, nearby, ...place }),
      lookBack: (field) => this.#lookBack(field),
    };
  }

  /** A value that another capability gives for a thing the request names: the latitude of "Berlin". */
  #derive(
    field: Field,
    role: MentionRole | undefined,
    place: {
      readonly clause: Clause;
      readonly mentions: readonly Mention[];
      readonly nearby: readonly Mention[];
      readonly capability: Capability;
      readonly depth: number;
    },
  ): string | undefined {
    if (place.depth >= maxChain) return undefined;
    for (const producer of this.#producers.for(field)) {
      if (producer.capability === place.capability) continue;
      for (const subject of subjectsFor(role, place)) {
        const sources: FillSources = {
          text: '',
          mentions: [subject],
          nearby: [],
          spoken: spokenTokens(producer),
          anchors: [],
          mayGuess: mayGuess(producer.capability),
          isPointingBack: false,
          derive: () => undefined,
          lookBack: () => undefined,
        };
        const filled = fillInputs(producer.capability, sources);
        if (!filled.ok || filled.used.length === 0) continue;
        const key = keyOf(producer.component, producer.capability, filled.inputs);
        if (!field.isRequired && !this.#steps.has(key)) continue;
        this.#usedMentions.add(subject);
        const { step } = this.#put({
          ...producer,
          inputs: filled.inputs,
          quantities: [],
          about: String(subject.value),
        });
        return `\${steps.${step.name}.output.${producer.output.name}}`;
      }
    }
    return undefined;
  }

  /** What an earlier answer found: the price, times how many, for "the proceeds". */
  #lookBack(field: Field): string | undefined {
    for (const { step, capability, quantities } of [...this.#answers].reverse()) {
      const outputs = fieldsOf(capability.outputSchema).filter((output) => output.kind === field.kind);
      const ranked = outputs
        .map((output) => ({ output, rank: closeness(output, field) }))
        .sort((left, right) => right.rank - left.rank);
      const chosen = ranked[0]?.output;
      if (chosen === undefined) continue;
      const path = `steps.${step.name}.output.${chosen.name}`;
      const [quantity] = quantities;
      const isPerUnit = /\b(?:one|per|each|single|unit)\b|price|rate/i.test(
        `${chosen.name} ${chosen.schema.description ?? ''}`,
      );
      return quantity !== undefined && field.kind === 'number' && isPerUnit
        ? `\${${path} * ${String(quantity)}}`
        : `\${${path}}`;
    }
    return undefined;
  }

  #put(draft: {
    readonly component: ComponentInfo;
    readonly capability: Capability;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly quantities: readonly number[];
    readonly about?: string;
  }): DraftStep {
    const { component, capability, inputs, quantities, about } = draft;
    const key = keyOf(component, capability, inputs);
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const step: PlanStep = {
      name: this.#freeName(capability.name, about),
      component: component.name,
      action: capability.name,
      inputs,
      dependsOn: this.#dependenciesOf(inputs),
    };
    const made: DraftStep = { step, component, capability, quantities };
    this.#steps.set(key, made);
    return made;
  }

  #dependenciesOf(inputs: Readonly<Record<string, unknown>>): string[] {
    const texts = Object.values(inputs).filter((value) => typeof value === 'string');
    return [...this.#steps.values()]
      .map(({ step }) => step.name)
      .filter((name) => texts.some((text) => text.startsWith(`\${steps.${name}.output.`)));
  }

  #freeName(action: string, about: string | undefined): string {
    const words = [...wordsOf(action), ...wordsOf(about ?? '').slice(0, 3)];
    const base = words.join('-').slice(0, 60) || 'step';
    const names = new Set(this.steps().map((step) => step.name));
    for (let number = 1; ; number++) {
      const name = number === 1 ? base : `${base}-${String(number)}`;
      if (!names.has(name)) return name;
    }
  }
}

/** What is known to change the world is never called with a value that only may be meant. */
function mayGuess({ effect }: Capability): boolean {
  return effect !== 'irreversible' && effect !== 'compensable';
}

/** Things that a value may be about: the clause's own first, and of the asked end, or of none. */
function subjectsFor(
  role: MentionRole | undefined,
  place: { readonly mentions: readonly Mention[]; readonly nearby: readonly Mention[] },
): Mention[] {
  const all = [...place.mentions, ...place.nearby].filter(
    ({ kind }) => kind === 'name' || kind === 'quoted' || kind === 'code',
  );
  const fits = all.filter((mention) => role === undefined || mention.role === role || mention.role === undefined);
  const rank = (mention: Mention): number =>
    (role !== undefined && mention.role !== role ? 4 : 0) +
    (place.mentions.includes(mention) ? 0 : 1) +
    (mention.isGuess === true ? 2 : 0);
  return fits
    .map((mention) => ({ mention, rank: rank(mention) }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ mention }) => mention);
}

function keyOf(component: ComponentInfo, capability: Capability, inputs: Readonly<Record<string, unknown>>): string {
  return canonicalJson([component.name, capability.name, inputs]);
}

/** How near an output is to a field: the same subject, then words they share, then words for worth. */
function closeness(output: Field, field: Field): number {
  const wordsOfField = (item: Field): Set<string> => new Set(tokensOf(`${item.name} ${item.schema.description ?? ''}`));
  const wanted = wordsOfField(field);
  const shared = [...wordsOfField(output)].filter((word) => wanted.has(word)).length;
  const isWorth = /amount|price|total|cost|value|result|sum|proceeds/i.test(output.name);
  return (output.subject === field.subject ? 10 : 0) + shared + (isWorth ? 5 : 0);
}
