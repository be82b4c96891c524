/**
 * What stands without quotes where a value belongs: numbers, literals of JSON, JavaScript and Python, sums, plain words.
 *
 * @module
 */

const literals: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['none', null],
  ['undefined', null],
]);

const longestLiteral = 9;

const number = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const leadingZero = /^-?0\d/;
const operators = '+-*/';
/** Longer texts are no sums. */
const maxSumLength = 200;

/** What a bare word means; undefined when nobody can say. */
export type BareValue = { readonly value: unknown } | undefined;

/**
 * Reads a bare word or words, without the space around them.
 *
 * @param word the text up to the next comma, bracket or line break
 */
export function readBareValue(word: string): BareValue {
  const literal = word.length > longestLiteral ? undefined : literals.get(word.toLowerCase());
  if (literal !== undefined) return { value: literal };
  if (isPlainNumber(word)) return { value: Number(word) };
  const sum = mayBeSum(word) ? evaluateSum(word) : undefined;
  if (sum !== undefined) return { value: sum };
  // Digits with words behind them (`5 apples`, `1 2`) may be anything, and `+49` a number or a prefix.
  if (word.startsWith('+') || (/^[-\d.]/.test(word) && /\s/.test(word))) return undefined;
  return { value: word.length > 1 && /["'”’]$/.test(word) ? word.slice(0, -1) : word };
}

/** Whether a text is one number as JSON or JavaScript writes it, and no number of a house or a telephone (`007`). */
export function isPlainNumber(text: string): boolean {
  return isNumeric(text.charCodeAt(0)) && (isShortInteger(text) || (number.test(text) && !leadingZero.test(text)));
}

/** Most numbers are, and this is several times faster than the pattern. */
function isShortInteger(text: string): boolean {
  if (text.length > 9 || (text.length > 1 && text.startsWith('0'))) return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** A sum begins with a number or a bracket. */
function mayBeSum(text: string): boolean {
  return isNumeric(text.charCodeAt(0)) || text.startsWith('(') || text.startsWith(' ');
}

/** Digits, `-` and `.`. */
function isNumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e;
}

/**
 * The value of a sum of numbers. Only what cannot be a date, a fraction or a telephone number is one: every `+`, `-` and `/`
 * stands between spaces.
 *
 * @param text for example `100 * 468.285`
 * @returns undefined when it is none, or has no finite value
 */
function evaluateSum(text: string): number | undefined {
  if (text.length > maxSumLength || !/^[\d.eE+\-*/() ]+$/.test(text)) return undefined;
  const tokens = tokensOfSum(text);
  if (tokens === undefined || tokens.length < 3) return undefined;
  const position = { at: 0 };
  const value = readSum(tokens, position);
  return position.at === tokens.length && value !== undefined && Number.isFinite(value) ? tidy(value) : undefined;
}

/** `100 * 468.285` is 46828.5, not 46828.50000000001: as many digits as a double always keeps. */
function tidy(value: number): number {
  return Number(value.toPrecision(15));
}

function tokensOfSum(text: string): string[] | undefined {
  const tokens: string[] = [];
  for (let index = 0; index < text.length;) {
    const character = text.charAt(index);
    if (character === ' ') {
      index++;
      continue;
    }
    const before = tokens.at(-1);
    const isSign = character === '-' && (before === undefined || before === '(' || operators.includes(before));
    if (!isSign && (operators.includes(character) || character === '(' || character === ')')) {
      const needsSpace = character === '+' || character === '-' || character === '/';
      if (needsSpace && !(text[index - 1] === ' ' && text[index + 1] === ' ')) return undefined;
      tokens.push(character);
      index++;
      continue;
    }
    let end = index + 1;
    while (end < text.length && /[\d.eE]/.test(text.charAt(end))) end++;
    const operand = text.slice(index, end);
    if (!number.test(operand) || leadingZero.test(operand)) return undefined;
    tokens.push(operand);
    index = end;
  }
  return tokens;
}

interface Position {
  at: number;
}

function readSum(tokens: readonly string[], position: Position): number | undefined {
  let value = readProduct(tokens, position);
  for (let operator = tokens[position.at]; operator === '+' || operator === '-'; operator = tokens[position.at]) {
    position.at++;
    const right = readProduct(tokens, position);
    if (value === undefined || right === undefined) return undefined;
    value = operator === '+' ? value + right : value - right;
  }
  return value;
}

function readProduct(tokens: readonly string[], position: Position): number | undefined {
  let value = readOperand(tokens, position);
  for (let operator = tokens[position.at]; operator === '*' || operator === '/'; operator = tokens[position.at]) {
    position.at++;
    const right = readOperand(tokens, position);
    if (value === undefined || right === undefined) return undefined;
    value = operator === '*' ? value * right : value / right;
  }
  return value;
}

function readOperand(tokens: readonly string[], position: Position): number | undefined {
  const token = tokens[position.at];
  position.at++;
  if (token !== '(') return token === undefined || !number.test(token) ? undefined : Number(token);
  const value = readSum(tokens, position);
  const isClosed = tokens[position.at] === ')';
  position.at++;
  return isClosed ? value : undefined;
}
