/**
 * Evaluates `+ - * / % ^`, brackets and numbers; nothing else, and never as code.
 *
 * @module
 */
import { refuse } from './refuse.ts';

const maxLength = 500;
const maxNesting = 50;

/**
 * The value of an arithmetic expression.
 *
 * @param expression at most 500 characters, for example `17 * (23 + 4)`
 * @throws GomindError `INPUT_ERROR` for anything that is no arithmetic, and for results that are not finite
 */
export function evaluateArithmetic(expression: string): number {
  if (expression.length > maxLength) throw refuse(`The expression is longer than ${String(maxLength)} characters.`);
  const parser = new ArithmeticParser(
    expression.replaceAll('×', '*').replaceAll('÷', '/').replaceAll('−', '-').replaceAll('**', '^'),
  );
  const value = parser.parse();
  if (!Number.isFinite(value)) throw refuse('The expression has no finite value (a division by zero, or too large).');
  return value;
}

class ArithmeticParser {
  readonly #text: string;
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): number {
    const value = this.#sum();
    if (this.#peek() !== '')
      throw refuse(`"${this.#peek()}" cannot stand at position ${String(this.#at + 1)} of the expression.`);
    return value;
  }

  #sum(): number {
    let value = this.#product();
    for (;;) {
      if (this.#take('+')) value += this.#product();
      else if (this.#take('-')) value -= this.#product();
      else return value;
    }
  }

  #product(): number {
    let value = this.#signed();
    for (;;) {
      if (this.#take('*')) value *= this.#signed();
      else if (this.#take('/')) value /= this.#signed();
      else if (this.#take('%')) value %= this.#signed();
      else return value;
    }
  }

  /** A sign binds weaker than a power: -2^2 is -4. */
  #signed(): number {
    this.#enter();
    const value = this.#take('-') ? -this.#signed() : this.#take('+') ? this.#signed() : this.#power();
    this.#nesting--;
    return value;
  }

  #power(): number {
    const base = this.#atom();
    return this.#take('^') ? base ** this.#signed() : base;
  }

  #atom(): number {
    if (this.#take('(')) {
      const value = this.#sum();
      if (!this.#take(')')) throw refuse('A closing bracket is missing in the expression.');
      return value;
    }
    this.#peek();
    const match = /^(?:\d[\d,_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(this.#text.slice(this.#at));
    if (match === null) throw refuse(`A number is missing at position ${String(this.#at + 1)} of the expression.`);
    this.#at += match[0].length;
    return Number(match[0].replaceAll(/[,_]/g, ''));
  }

  #enter(): void {
    this.#nesting++;
    if (this.#nesting > maxNesting) throw refuse(`The expression is nested deeper than ${String(maxNesting)} levels.`);
  }

  /** The next character that is no space. */
  #peek(): string {
    while (this.#text[this.#at] === ' ') this.#at++;
    return this.#text[this.#at] ?? '';
  }

  #take(operator: string): boolean {
    if (this.#peek() !== operator) return false;
    this.#at++;
    return true;
  }
}
