import { describe, expect, it } from 'vitest';
import { Board } from './board.ts';

const names = ['rates-east', 'model'];

function recording(isTTY: boolean): { readonly written: string[]; readonly isTTY: boolean; write(text: string): void } {
  const written: string[] = [];
  return { written, isTTY, write: (text) => void written.push(text) };
}

describe('the board', () => {
  it('is plain lines in a pipe', () => {
    const output = recording(false);
    const board = new Board({ output, names });
    board.print('Begin', 'title');
    board.set('model', 'open');
    board.print('End', 'bad');
    board.end();
    expect(output.written.join('')).toBe('Begin\nEnd\n');
  });

  it('stands below the lines in a terminal, and is drawn again in its place', () => {
    const output = recording(true);
    const board = new Board({ output, names, useColor: false });
    board.print('Begin');
    board.set('model', 'open');
    expect(output.written.at(-1)).toBe(
      '  ──\n  ● rates-east  closed: is called\n  ○ model       open: is left alone\n',
    );
    expect(output.written.at(-2)).toBe('\u001B[3A\u001B[0J');
    board.end();
    board.print('After');
    expect(output.written.at(-2)).toBe('After\n');
  });

  it('does not know strangers', () => {
    const output = recording(true);
    new Board({ output, names }).set('nobody', 'open');
    expect(output.written).toEqual([]);
  });
});
