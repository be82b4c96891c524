/**
 * Shows a run while it happens: a tree that is redrawn in place in a terminal, one line an event elsewhere.
 * Goes to stderr, so that stdout holds the answer alone.
 *
 * @module
 */
import type { PlanStep, RoutingPlan, RunEvent } from '@gomind/orchestration';
import { formatDuration } from './format.ts';
import { planTree } from './plan-tree.ts';

/** Where progress is written. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Options of {@link ProgressView}. */
export interface ProgressOptions {
  readonly output: ProgressOutput;
  /** Whether colours may be used; only in a terminal. */
  readonly useColor: boolean;
}

type StepState =
  | { readonly kind: 'waiting' | 'running' }
  | {
      readonly kind: 'completed' | 'failed';
      readonly durationMs: number;
      readonly attempts: number;
      readonly message?: string;
    }
  | { readonly kind: 'skipped' | 'cancelled'; readonly message: string };

const colors = { green: 32, red: 31, yellow: 33, cyan: 36, gray: 90 } as const;

/** A live picture of one run. */
export class ProgressView {
  readonly #output: ProgressOutput;
  readonly #useColor: boolean;
  readonly #isLive: boolean;
  readonly #states = new Map<string, StepState>();
  #plan: RoutingPlan | undefined;
  #drawnLines = 0;

  constructor(options: ProgressOptions) {
    this.#output = options.output;
    this.#isLive = options.output.isTTY === true;
    this.#useColor = options.useColor && this.#isLive;
  }

  /** Takes the next event of the run. */
  show(event: RunEvent): void {
    switch (event.type) {
      case 'plan.created':
        this.#plan = event.plan;
        this.#line(this.#headline(event));
        this.#draw(planTree(event.plan, (step) => (this.#isLive ? this.#note(step) : '')));
        break;
      case 'plan.rejected':
        this.#line(
          this.#paint(
            'yellow',
            `plan rejected: ${event.diagnostics.map((diagnostic) => diagnostic.message).join('; ')}`,
          ),
        );
        break;
      case 'step.started':
        this.#update(event.step, { kind: 'running' });
        break;
      case 'step.attempt.failed':
        if (!this.#isLive)
          this.#line(
            `${event.step}: attempt ${String(event.attempt)} failed (${event.error.message}), again in ${formatDuration(event.delayMs)}`,
          );
        break;
      case 'step.completed':
        this.#update(event.step, { kind: 'completed', durationMs: event.durationMs, attempts: event.attempts });
        break;
      case 'step.failed':
        this.#update(event.step, {
          kind: 'failed',
          durationMs: event.durationMs,
          attempts: event.attempts,
          message: event.error.message,
        });
        break;
      case 'step.skipped':
        this.#update(event.step, { kind: 'skipped', message: event.reason });
        break;
      case 'step.cancelled':
        this.#update(event.step, { kind: 'cancelled', message: event.error.message });
        break;
      default:
        break;
    }
  }

  #headline(event: Extract<RunEvent, { type: 'plan.created' }>): string {
    const count = event.plan.steps.length;
    const by = event.source === 'ai' ? 'the model' : event.source;
    return this.#paint('cyan', `Plan by ${by}, ${String(count)} step${count === 1 ? '' : 's'}:`);
  }

  #update(step: string, state: StepState): void {
    this.#states.set(step, state);
    if (this.#isLive && this.#plan !== undefined) {
      this.#draw(planTree(this.#plan, (planStep) => this.#note(planStep)));
    } else if (state.kind !== 'running') {
      this.#line(`${step}: ${this.#describe(state)}`);
    }
  }

  #note(step: PlanStep): string {
    return this.#describe(this.#states.get(step.name) ?? { kind: 'waiting' });
  }

  #describe(state: StepState): string {
    switch (state.kind) {
      case 'waiting':
        return this.#paint('gray', '· waiting');
      case 'running':
        return this.#paint('yellow', '… running');
      case 'completed': {
        const retried = state.attempts > 1 ? `, ${String(state.attempts)} attempts` : '';
        return this.#paint('green', `✔ ${formatDuration(state.durationMs)}${retried}`);
      }
      case 'failed':
        return this.#paint('red', `✘ ${formatDuration(state.durationMs)}: ${state.message ?? 'failed'}`);
      default:
        return this.#paint('gray', `- ${state.kind}: ${state.message}`);
    }
  }

  /** Redraws in place: the cursor goes up over what was drawn before. */
  #draw(lines: readonly string[]): void {
    const up = this.#isLive && this.#drawnLines > 0 ? `\u001B[${String(this.#drawnLines)}A` : '';
    const erase = this.#isLive ? '\u001B[2K' : '';
    const width = this.#output.columns ?? 200;
    const body = lines.map((line) => `${erase}${this.#isLive ? clip(line, width) : line}\n`).join('');
    this.#output.write(`${up}${body}`);
    this.#drawnLines = lines.length;
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`);
    this.#drawnLines = 0;
  }

  #paint(color: keyof typeof colors, text: string): string {
    return this.#useColor ? `\u001B[${String(colors[color])}m${text}\u001B[39m` : text;
  }
}

/** A line no longer than the terminal is wide, so that redrawing hits the right lines; colour codes take no room. */
function clip(line: string, width: number): string {
  let visible = 0;
  for (let index = 0; index < line.length; index++) {
    if (line[index] === '\u001B') {
      index = line.indexOf('m', index);
      if (index === -1) return line;
      continue;
    }
    visible++;
    if (visible === width) return `${line.slice(0, index)}…\u001B[39m`;
  }
  return line;
}
