/**
 * What a watcher sees: lines that scroll, and in a terminal a board below them that shows at every moment who is called and who
 * is left alone. In a pipe there is no board, and the lines say everything.
 *
 * @module
 */
import type { CircuitState } from '@gomind/core';

/** The part of a stream that is used. */
export interface BoardOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Settings of {@link Board}. */
export interface BoardOptions {
  readonly output: BoardOutput;
  /** Default: true in a terminal. */
  readonly useColor?: boolean;
  /** What stands on the board, top to bottom. */
  readonly names: readonly string[];
}

/** How a line is meant. */
export type Tone = 'title' | 'plain' | 'good' | 'bad' | 'change' | 'quiet';

const colors: Readonly<Record<Tone, number>> = { title: 36, plain: 39, good: 32, bad: 31, change: 33, quiet: 90 };

const marks: Readonly<Record<CircuitState, { readonly mark: string; readonly tone: Tone; readonly says: string }>> = {
  closed: { mark: '●', tone: 'good', says: 'closed: is called' },
  'half-open': { mark: '◐', tone: 'change', says: 'half-open: one probe may call' },
  open: { mark: '○', tone: 'bad', says: 'open: is left alone' },
};

/** Lines, and a board below them. */
export class Board {
  readonly #output: BoardOutput;
  readonly #isLive: boolean;
  readonly #useColor: boolean;
  readonly #states: Map<string, CircuitState>;
  #drawnLines = 0;

  constructor({ output, useColor = true, names }: BoardOptions) {
    this.#output = output;
    this.#isLive = output.isTTY === true;
    this.#useColor = useColor && this.#isLive;
    this.#states = new Map(names.map((name) => [name, 'closed']));
  }

  /** Writes one line above the board. */
  print(text: string, tone: Tone = 'plain'): void {
    this.#erase();
    this.#output.write(`${this.#paint(tone, text)}\n`);
    this.#draw();
  }

  /** Shows a new state on the board; it has to be one of its names. */
  set(name: string, state: CircuitState): void {
    if (!this.#states.has(name)) return;
    this.#states.set(name, state);
    this.#erase();
    this.#draw();
  }

  /** Leaves the board as the last thing that is seen. */
  end(): void {
    this.#drawnLines = 0;
  }

  #draw(): void {
    if (!this.#isLive) return;
    const width = Math.max(...[...this.#states.keys()].map((name) => name.length));
    const lines = [...this.#states].map(([name, state]) => {
      const { mark, tone, says } = marks[state];
      return `  ${this.#paint(tone, mark)} ${name.padEnd(width)}  ${this.#paint('quiet', says)}`;
    });
    this.#output.write(`${this.#paint('quiet', '  ──')}\n${lines.join('\n')}\n`);
    this.#drawnLines = lines.length + 1;
  }

  /** Moves the cursor over what was drawn, and clears from there down. */
  #erase(): void {
    if (this.#drawnLines > 0) this.#output.write(`\u001B[${String(this.#drawnLines)}A\u001B[0J`);
    this.#drawnLines = 0;
  }

  #paint(tone: Tone, text: string): string {
    return this.#useColor && tone !== 'plain' ? `\u001B[${String(colors[tone])}m${text}\u001B[39m` : text;
  }
}
