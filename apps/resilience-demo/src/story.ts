/**
 * Six acts over real HTTP: all is well, a component fails, it is left alone, the model fails, everybody fails, all recovers.
 * What is to be copied is how the orchestrator is made: one circuit breaker for each dependency, all by one function.
 *
 * @module
 */
import { type AIClient, delay, LocalDiscovery, serve } from '@gomind/core';
import {
  type AIOrchestrator,
  createOrchestrator,
  type OrchestratorResponse,
  type RunEvent,
} from '@gomind/orchestration';
import { createCircuitBreaker } from '@gomind/resilience';
import { createJumpingClock } from './jumping-clock.ts';
import { createRateDesk } from './rate-desk.ts';
import type { Board } from './terminal/board.ts';

/** What can be broken from outside. */
export interface Breakable {
  isBroken: boolean;
  /** Calls that arrived, answered or not. */
  readonly calls: number;
}

/** What the story needs. */
export interface StoryOptions {
  readonly aiClient: AIClient;
  /** The server behind the client. */
  readonly model: Breakable;
  readonly board: Board;
  /** Milliseconds between two requests, for those who watch. */
  readonly paceMs: number;
}

/** How long a circuit stays open before one call may try again. */
const sleepWindowMs = 30_000;

/** Names of everything that has a circuit. */
export const dependencies = ['rates-east', 'rates-west', 'model:test'] as const;

/**
 * Tells the story.
 *
 * @returns whether it ended as it should: every circuit closed, and health says so
 */
export async function tellStory({ aiClient, model, board, paceMs }: StoryOptions): Promise<boolean> {
  const [east, west] = [createRateDesk('rates-east'), createRateDesk('rates-west')];
  const clock = createJumpingClock();
  await using discovery = new LocalDiscovery();
  await using _east = await serve(east.tool, { port: 0, registry: discovery });
  await using _west = await serve(west.tool, { port: 0, registry: discovery });
  await using orchestrator = createOrchestrator(
    {
      discovery,
      aiClient,
      breaker: (name) =>
        createCircuitBreaker({
          name,
          windowCalls: 3,
          volumeThreshold: 2,
          sleepWindowMs,
          clock,
          onStateChange: ({ from, to, reason }) => {
            board.set(name, to);
            board.print(`  ! the circuit of ${name}: ${from} -> ${to} (${reason})`, 'change');
          },
        }),
    },
    { name: 'resilience-demo', synthesis: 'template', cacheTemplatesEnabled: false, logLevel: 'error' },
  );
  const teller = new Teller(orchestrator, board, paceMs);

  teller.act('1. All is well');
  await teller.ask('Convert 100 USD to EUR');

  teller.act('2. rates-east fails: it is tried again, its circuit opens, rates-west stands in');
  east.isBroken = true;
  await teller.ask('Convert 100 USD to EUR');

  teller.act('3. It is left alone: nobody plans with it, nobody calls it');
  await teller.askAndCount('Convert 250 CHF to EUR', 'rates-east', east);
  await teller.tellHealth();

  teller.act('4. The model fails too: its circuit opens, the basic router plans, and the answer says so');
  model.isBroken = true;
  await teller.ask('Convert 40 GBP to EUR');
  await teller.askAndCount('Convert 50 GBP to USD', 'The model', model);

  teller.act('5. Nobody is left: an earlier answer is repeated, and says that it is one');
  west.isBroken = true;
  await teller.ask('Convert 100 USD to EUR');
  await teller.askAndCount('Convert 100 USD to EUR', 'rates-west', west);
  await teller.tellHealth();

  teller.act(
    `6. All is mended. ${String(sleepWindowMs / 1_000)} s later (the demo's clock jumps) one probe each closes the circuits`,
  );
  for (const broken of [east, west, model]) broken.isBroken = false;
  clock.jump(sleepWindowMs);
  await teller.ask('Convert 70 USD to CHF');
  await teller.ask('Convert 80 USD to CHF at rates-west');
  const isHealthy = await teller.tellHealth();
  board.end();
  return isHealthy;
}

/** Asks, and tells what happens meanwhile. */
class Teller {
  readonly #orchestrator: AIOrchestrator;
  readonly #board: Board;
  readonly #paceMs: number;

  constructor(orchestrator: AIOrchestrator, board: Board, paceMs: number) {
    this.#orchestrator = orchestrator;
    this.#board = board;
    this.#paceMs = paceMs;
  }

  act(title: string): void {
    this.#board.print('');
    this.#board.print(title, 'title');
  }

  async ask(request: string): Promise<void> {
    await delay(this.#paceMs);
    this.#board.print(`  > ${request}`);
    let response: OrchestratorResponse | undefined;
    for await (const event of this.#orchestrator.stream(request)) {
      this.#tell(event);
      if (event.type === 'run.completed' || event.type === 'run.failed') {
        response = event.response as OrchestratorResponse | undefined;
      }
    }
    const { status = 'failed', mode = 'no plan', response: answer = '' } = response ?? {};
    this.#board.print(`  = ${status}, ${mode}: ${answer.trim()}`, status === 'completed' ? 'good' : 'change');
  }

  /** Asks, and tells how often somebody was called for it who was to be left alone. */
  async askAndCount(request: string, name: string, called: Breakable): Promise<void> {
    const before = called.calls;
    await this.ask(request);
    this.#board.print(`  ${name} was called ${String(called.calls - before)} times for it`, 'quiet');
  }

  async tellHealth(): Promise<boolean> {
    const { status, reasons } = await this.#orchestrator.healthCheck();
    this.#board.print(`  health: ${status}${reasons.length === 0 ? '' : ` (${reasons.join(' ')})`}`, 'quiet');
    return status === 'healthy';
  }

  #tell(event: RunEvent): void {
    switch (event.type) {
      case 'plan.created':
        this.#board.print(
          `    planned by ${event.source}: ${event.plan.steps.map(({ component, action }) => `${component ?? ''}.${action ?? ''}`).join(', ')}`,
          'quiet',
        );
        break;
      case 'step.attempt.failed':
        this.#board.print(`    attempt ${String(event.attempt)} failed: ${event.error.message}`, 'bad');
        break;
      case 'step.rerouted':
        this.#board.print(`    ${event.component} is asked instead`, 'change');
        break;
      case 'step.failed':
        this.#board.print(`    the step failed: ${event.error.message}`, 'bad');
        break;
      default:
        break;
    }
  }
}
