/**
 * Whether what one schema yields can stand where another one asks for it, conversions that lose nothing included: an integer is
 * a number, and text takes a number. Only what cannot fit in any case is a mismatch.
 *
 * @module
 */
import {
  alternativesOf,
  fieldOf,
  itemOf,
  type Parts,
  requiredNames,
  type SchemaNode,
  typesOfParts,
} from './schema-reader.ts';

/** What does not fit. */
export interface Mismatch {
  /** Dotted path below the value, `''` for the value itself. */
  readonly at: string;
  /** What is there. */
  readonly from: string;
  /** What is asked for. */
  readonly to: string;
}

interface Place {
  readonly at: string;
  readonly depth: number;
  /** Comparisons that are left: schemas of strangers may be large on both sides. */
  readonly budget: { left: number };
}

const maxDepth = 16;
const maxComparisons = 500;

/**
 * Finds out why a value of one schema can never stand where another one is asked for.
 *
 * @returns undefined when it may fit, or when that is not known
 */
export function findMismatch(from: SchemaNode | undefined, to: SchemaNode | undefined): Mismatch | undefined {
  if (from === undefined || to === undefined) return undefined;
  return mismatchOf(from, to, { at: '', depth: 0, budget: { left: maxComparisons } });
}

function mismatchOf(from: SchemaNode, to: SchemaNode, place: Place): Mismatch | undefined {
  if (place.depth > maxDepth) return undefined;
  const yields = alternativesOf(from);
  const asks = alternativesOf(to);
  if (yields === undefined || asks === undefined || yields.length === 0 || asks.length === 0) return undefined;
  let first: Mismatch | undefined;
  for (const ours of yields) {
    for (const theirs of asks) {
      if (--place.budget.left < 0) return undefined;
      const mismatch = compare({ parts: ours, root: from.root }, { parts: theirs, root: to.root }, place);
      if (mismatch === undefined) return undefined;
      // A mismatch inside says more than one of the whole.
      if (first === undefined || mismatch.at.length > first.at.length) first = mismatch;
    }
  }
  return yields.length > 1 && asks.length > 1 ? { at: place.at, from: nameOf(yields), to: nameOf(asks) } : first;
}

interface Side {
  readonly parts: Parts;
  readonly root: SchemaNode['root'];
}

function compare(from: Side, to: Side, place: Place): Mismatch | undefined {
  const yields = typesOfParts(from.parts);
  const asks = typesOfParts(to.parts);
  if (yields === undefined || asks === undefined) return undefined;
  const fitting = [...yields].filter((type) => fits(type, asks));
  if (fitting.length === 0) return { at: place.at, from: nameOf([from.parts]), to: nameOf([to.parts]) };
  if (fitting.length > 1) return undefined;
  if (fitting[0] === 'object') return compareFields(from, to, place);
  return fitting[0] === 'array' ? compareItems(from, to, place) : undefined;
}

function fits(type: string, asked: ReadonlySet<string>): boolean {
  if (asked.has(type)) return true;
  return (
    (type === 'integer' && asked.has('number')) || ((type === 'integer' || type === 'number') && asked.has('string'))
  );
}

function compareFields(from: Side, to: Side, place: Place): Mismatch | undefined {
  for (const name of requiredNames(to.parts)) {
    const at = place.at === '' ? name : `${place.at}.${name}`;
    const own = fieldOf(from.parts, name);
    if (own.found === 'missing' && own.isClosed) return { at, from: 'missing', to: 'required' };
    const asked = fieldOf(to.parts, name);
    if (own.found !== 'schema' || asked.found !== 'schema') continue;
    const inner = { ...place, at, depth: place.depth + 1 };
    const mismatch = mismatchOf(
      { schema: own.schema, root: from.root },
      { schema: asked.schema, root: to.root },
      inner,
    );
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

function compareItems(from: Side, to: Side, place: Place): Mismatch | undefined {
  const own = itemOf(from.parts, 0);
  const asked = itemOf(to.parts, 0);
  if (own.found !== 'schema' || asked.found !== 'schema') return undefined;
  const inner = { ...place, at: place.at === '' ? '0' : `${place.at}.0`, depth: place.depth + 1 };
  return mismatchOf({ schema: own.schema, root: from.root }, { schema: asked.schema, root: to.root }, inner);
}

function nameOf(alternatives: readonly Parts[]): string {
  return [...new Set(alternatives.flatMap((parts) => [...(typesOfParts(parts) ?? ['anything'])]))].join(' or ');
}
