/**
 * Shows a diagnostic the way compilers do: where, what, and the lines around it.
 *
 * @module
 */
import type { Diagnostic } from '../../plan/diagnostic.ts';

const linesAround = 2;
const maxLineLength = 120;

/**
 * A diagnostic with its place and a code frame.
 *
 * @param diagnostic what is wrong
 * @param source the text it was found in; without it there is no frame
 */
export function formatDiagnostic(diagnostic: Diagnostic, source?: string): string {
  const { file, line, column, severity, code, message } = diagnostic;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const head = `${place === '' ? '' : `${place}: `}${severity} ${code}: ${message}`;
  const frame = source === undefined || line === undefined ? '' : codeFrame(source, line, column ?? 1);
  return frame === '' ? head : `${head}\n${frame}`;
}

function codeFrame(source: string, line: number, column: number): string {
  const lines = source.split(/\r?\n/);
  const first = Math.max(1, line - linesAround);
  const last = Math.min(lines.length, line + 1);
  const width = String(last).length;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const isMarked = number === line;
    shown.push(
      `${isMarked ? '>' : ' '} ${String(number).padStart(width)} | ${(lines[number - 1] ?? '').slice(0, maxLineLength)}`,
    );
    if (isMarked && column <= maxLineLength) shown.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`);
  }
  return shown.join('\n');
}
