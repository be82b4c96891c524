/**
 * Shows a run while it happens, on stderr: a list of steps that is redrawn in a terminal, one line an event elsewhere.
 *
 * @module
 */
import type { RunEvent } from '@gomind/orchestration';
import type { TextOutput } from '../support/cli-context.ts';

type StepState = 'waiting' | 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled';

interface ShownStep {
  readonly state: StepState;
  readonly note: string;
}

const marks: Readonly<Record<StepState, { readonly mark: string; readonly color: number }>> = {
  waiting: { mark: '·', color: 90 },
  running: { mark: '…', color: 33 },
  completed: { mark: '✔', color: 32 },
  failed: { mark: '✘', color: 31 },
  skipped: { mark: '-', color: 90 },
  cancelled: { mark: '-', color: 33 },
};

/** Steps shown at most; the rest is counted. */
const maxLines = 40;

/** A live picture of one run. */
export class RunProgress {
  readonly #output: TextOutput;
  readonly #isLive: boolean;
  readonly #useColor: boolean;
  readonly #steps = new Map<string, ShownStep>();
  #depths = new Map<string, number>();
  #drawnLines = 0;

  constructor(output: TextOutput, useColor: boolean) {
    this.#output = output;
    this.#isLive = output.isTTY === true;
    this.#useColor = useColor && this.#isLive;
  }

  /** Takes the next event of the run. */
  show(event: RunEvent): void {
    switch (event.type) {
      case 'plan.created':
        this.#depths = depthsOf(event.plan.steps);
        for (const { name } of event.plan.steps) this.#steps.set(name, { state: 'waiting', note: '' });
        this.#draw();
        break;
      case 'plan.rejected':
        this.#line(`plan rejected: ${event.diagnostics.map(({ message }) => message).join(' ')}`);
        break;
      case 'step.started':
        this.#set(event.step, 'running', '');
        break;
      case 'step.waiting':
        this.#set(event.step, 'running', `waiting ${event.reason}`);
        break;
      case 'step.attempt.failed':
        this.#set(
          event.step,
          'running',
          `attempt ${String(event.attempt)} failed, again in ${duration(event.delayMs)}: ${event.error.message}`,
        );
        break;
      case 'step.completed':
        this.#set(
          event.step,
          'completed',
          `${duration(event.durationMs)}${event.attempts > 1 ? `, ${String(event.attempts)} attempts` : ''}`,
        );
        break;
      case 'step.failed':
        this.#set(event.step, 'failed', `${duration(event.durationMs)}: ${event.error.message}`);
        break;
      case 'step.skipped':
        this.#set(event.step, 'skipped', event.reason);
        break;
      case 'step.cancelled':
        this.#set(event.step, 'cancelled', event.error.message);
        break;
      default:
        break;
    }
  }

  #set(step: string, state: StepState, note: string): void {
    this.#steps.set(step, { state, note });
    if (this.#isLive) this.#draw();
    else if (state !== 'running' || note !== '') this.#output.write(`${this.#lineOf(step, { state, note })}\n`);
  }

  #draw(): void {
    if (!this.#isLive) return;
    const width = this.#output.columns ?? 120;
    const lines = [...this.#steps].slice(0, maxLines).map(([name, step]) => this.#lineOf(name, step));
    if (this.#steps.size > maxLines) lines.push(`  and ${String(this.#steps.size - maxLines)} more`);
    const up = this.#drawnLines > 0 ? `\u001B[${String(this.#drawnLines)}A` : '';
    this.#output.write(`${up}${lines.map((line) => `\u001B[2K${line.slice(0, width + 20)}\n`).join('')}`);
    this.#drawnLines = lines.length;
  }

  #lineOf(name: string, { state, note }: ShownStep): string {
    const { mark, color } = marks[state];
    const indent = '  '.repeat(Math.min(this.#depths.get(name) ?? 0, 10));
    const painted = this.#useColor ? `\u001B[${String(color)}m${mark}\u001B[0m` : mark;
    return `${indent}${painted} ${name}${note === '' ? '' : `  ${note}`}`;
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`);
    this.#drawnLines = 0;
  }
}

function depthsOf(
  steps: readonly { readonly name: string; readonly dependsOn: readonly string[] }[],
): Map<string, number> {
  const depths = new Map<string, number>();
  // Plans list steps mostly in order; a step before its dependency just stands further left.
  for (const { name, dependsOn } of steps) {
    depths.set(
      name,
      dependsOn.length === 0 ? 0 : Math.max(...dependsOn.map((dependency) => depths.get(dependency) ?? 0)) + 1,
    );
  }
  return depths;
}

/** A duration for people. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${String(Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${String(Math.floor(milliseconds / 60_000))} min ${String(Math.round((milliseconds % 60_000) / 1_000))} s`;
}
