/**
 * Budgets: what a run may use up, counted by reservation before each call and settlement after it. One budget is shared by
 * everything that a run does: branches, items, nested plans, model calls around them.
 *
 * The invariant: what was used and what is set aside never exceed a limit together, however many calls are under way.
 *
 * @module
 */
import { type Clock, GomindError, systemClock } from '@gomind/core';
import {
  type BudgetAmounts,
  type BudgetLimits,
  type BudgetRequest,
  type CallBudget,
  type Reservation,
  type RunBudgetLimits,
  unlimitedBudget,
} from '../plan/budget.ts';
import type { RunEventBody } from '../plan/events/run-event.ts';

/** What a run, or a step of it, may use up. */
export interface Budget extends CallBudget {
  /** Used up so far, without what is set aside for calls under way. */
  readonly used: Required<BudgetAmounts>;
  /**
   * The budget of one step inside this one. Items (`each[2]`) share that of their list; a step of a nested plan
   * (`outer/inner`) also counts for the step around it.
   *
   * @param name of the step in the run's stream of events
   */
  forStep(name: string): Budget;
  /** Says that the time is up: emits `budget.refused` and returns the error `BUDGET_EXCEEDED`. */
  timeUp(): GomindError;
}

/** Parts of a budget. */
export interface BudgetOptions {
  readonly clock?: Clock;
  /** Receives `budget.reserved` and `budget.settled` of what is limited, and `budget.refused`. */
  readonly emit?: ((event: RunEventBody) => void) | undefined;
  /** What it is the budget of: a run, or the step whose nested plan it limits. Default: `run`. */
  readonly scope?: string;
  /** What counts there counts here too. Default: none. */
  readonly parent?: Budget;
}

const resources = ['tokens', 'costUsd', 'modelCalls', 'toolCalls'] as const;
type Resource = (typeof resources)[number];
type Ledger = Record<Resource, number>;

const emptyLedger = (): Ledger => ({ tokens: 0, costUsd: 0, modelCalls: 0, toolCalls: 0 });

/** The budget of a run that nobody limits: counts nothing and emits nothing. */
export const noBudget: Budget = {
  ...unlimitedBudget,
  used: emptyLedger(),
  forStep: () => noBudget,
  timeUp: () => exceeded('timeMs', { scope: 'run', allowed: 0, used: 0, requested: 0, purpose: 'the run' }),
};

/**
 * Makes the budget of one run; its time starts now.
 *
 * @param limits of the run, and under `step` of each of its steps
 * @example
 * const budget = createBudget({ tokens: 20_000, costUsd: 0.05, toolCalls: 30, timeMs: 60_000 }, { emit });
 * await executor.execute(plan, { budget, emit });
 */
export function createBudget(limits: RunBudgetLimits, options: BudgetOptions = {}): Budget {
  const { step = {}, ...run } = limits;
  const { clock = systemClock, emit = () => undefined, scope = 'run', parent = noBudget } = options;
  if (isUnlimited(run) && isUnlimited(step)) return parent;
  return new Account({
    ...{ scope, limits: run, stepLimits: step, clock, emit },
    // Every budget that limits anything is made here.
    parent: parent instanceof Account ? parent : undefined,
  });
}

function isUnlimited({ timeMs, ...limits }: BudgetLimits): boolean {
  return timeMs === undefined && resources.every((resource) => limits[resource] === undefined);
}

interface AccountOptions {
  /** `run`, or the name of a step. */
  readonly scope: string;
  readonly limits: BudgetLimits;
  readonly stepLimits: BudgetLimits;
  readonly parent: Account | undefined;
  readonly clock: Clock;
  readonly emit: (event: RunEventBody) => void;
}

/** The limits of a run or of one step, and what was taken of them. */
class Account implements Budget {
  readonly #options: AccountOptions;
  readonly #startedAt: number;
  readonly #used = emptyLedger();
  readonly #reserved = emptyLedger();
  /** Of the steps directly in it, by name. */
  readonly #steps = new Map<string, Account>();

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonicMs();
  }

  get used(): Required<BudgetAmounts> {
    return { ...this.#used };
  }

  get isMetered(): boolean {
    const { limits, parent } = this.#options;
    return limits.tokens !== undefined || limits.costUsd !== undefined || parent?.isMetered === true;
  }

  remainingMs(): number {
    const { limits, parent, clock } = this.#options;
    const own = (limits.timeMs ?? Number.POSITIVE_INFINITY) - (clock.monotonicMs() - this.#startedAt);
    return Math.min(own, parent?.remainingMs() ?? Number.POSITIVE_INFINITY);
  }

  forStep(name: string): Budget {
    if (isUnlimited(this.#options.stepLimits)) return this;
    return name.split('/').reduce<Account>((account, part) => account.#stepNamed(part.replace(/\[\d+\]$/, '')), this);
  }

  timeUp(): GomindError {
    const owner = this.#ownerOfTime();
    const { limits, scope } = owner.#options;
    const allowed = limits.timeMs ?? 0;
    return this.#refuse('timeMs', { scope, allowed, used: allowed, requested: 0, purpose: scope });
  }

  reserve(request: BudgetRequest): Reservation {
    if (this.remainingMs() <= 0) throw this.timeUp();
    const amounts = this.#amountsOf(request);
    const { purpose } = request;
    for (const account of this.#chain()) this.#check(account, amounts, request);
    this.#add(amounts, 'reserved');
    const { scope } = this.#options;
    // What nobody limits is counted, but no news.
    const emit = this.#isLimited(amounts) ? this.#options.emit : () => undefined;
    emit({ type: 'budget.reserved', scope, purpose, amounts });
    let isOpen = true;
    return {
      settle: (used) => {
        if (!isOpen) return;
        isOpen = false;
        const spent = Object.fromEntries(
          resources.map((resource) => [resource, used[resource] ?? amounts[resource]]),
        ) as Ledger;
        this.#add(amounts, 'released');
        this.#add(spent, 'used');
        emit({ type: 'budget.settled', scope, purpose, reserved: amounts, used: spent });
      },
    };
  }

  /** A cost that nobody knows is everything that is left, here and around it. */
  #amountsOf({ tokens = 0, costUsd = 0, modelCalls = 0, toolCalls = 0 }: BudgetRequest): Ledger {
    const money = costUsd === 'rest' ? this.#left('costUsd') : costUsd;
    // Without a limit nothing is set aside for it.
    return { tokens, costUsd: Number.isFinite(money) ? money : 0, modelCalls, toolCalls };
  }

  #isLimited(amounts: Ledger): boolean {
    return this.#chain().some((account) =>
      resources.some((resource) => amounts[resource] > 0 && account.#options.limits[resource] !== undefined),
    );
  }

  #left(resource: Resource): number {
    const left = this.#chain().map((account) => {
      const limit = account.#options.limits[resource] ?? Number.POSITIVE_INFINITY;
      return limit - account.#used[resource] - account.#reserved[resource];
    });
    return Math.min(...left);
  }

  /** @throws GomindError `BUDGET_EXCEEDED` */
  #check(account: Account, amounts: Ledger, { purpose, costUsd }: BudgetRequest): void {
    const { limits, scope } = account.#options;
    for (const resource of resources) {
      const allowed = limits[resource];
      if (allowed === undefined) continue;
      const used = account.#used[resource] + account.#reserved[resource];
      const requested = amounts[resource];
      // What may cost anything is refused when nothing is left.
      const isUsedUp = resource === 'costUsd' && costUsd === 'rest' && used >= allowed;
      if (!isUsedUp && used + requested <= allowed) continue;
      throw this.#refuse(resource, { scope, allowed, used, requested, purpose });
    }
  }

  #refuse(limit: Resource | 'timeMs', refusal: Refusal): GomindError {
    const error = exceeded(limit, refusal);
    const { scope, allowed, used, requested, purpose } = refusal;
    this.#options.emit({ type: 'budget.refused', scope, purpose, limit, allowed, used, requested });
    return error;
  }

  #add(amounts: Ledger, to: 'reserved' | 'released' | 'used'): void {
    for (const account of this.#chain()) {
      const ledger = to === 'used' ? account.#used : account.#reserved;
      for (const resource of resources) ledger[resource] += to === 'released' ? -amounts[resource] : amounts[resource];
    }
  }

  /** This account and those around it. */
  #chain(): readonly Account[] {
    const { parent } = this.#options;
    return parent === undefined ? [this] : [this, ...parent.#chain()];
  }

  /** The account whose time ends first. */
  #ownerOfTime(): Account {
    const { parent } = this.#options;
    return parent !== undefined && parent.remainingMs() <= this.remainingMs() ? parent.#ownerOfTime() : this;
  }

  #stepNamed(name: string): Account {
    const known = this.#steps.get(name);
    if (known !== undefined) return known;
    const { scope: around, stepLimits } = this.#options;
    const scope = around === 'run' ? name : `${around}/${name}`;
    const account = new Account({ ...this.#options, scope, limits: stepLimits, parent: this });
    this.#steps.set(name, account);
    return account;
  }
}

interface Refusal {
  readonly scope: string;
  readonly allowed: number;
  /** Used up or set aside. */
  readonly used: number;
  readonly requested: number;
  readonly purpose: string;
}

const nouns = {
  tokens: 'tokens',
  costUsd: 'US dollars',
  modelCalls: 'model calls',
  toolCalls: 'tool calls',
  timeMs: 'milliseconds',
} as const;

function exceeded(limit: Resource | 'timeMs', refusal: Refusal): GomindError {
  const { scope, allowed, used, requested, purpose } = refusal;
  const owner = scope === 'run' ? 'the run' : `step "${scope}"`;
  const what =
    limit === 'timeMs'
      ? `The ${String(allowed)} milliseconds of ${owner} are used up`
      : `${purpose} may need ${String(requested)} ${nouns[limit]}, but of the ${String(allowed)} of ${owner} ${String(used)} are used or set aside`;
  return new GomindError({
    code: 'BUDGET_EXCEEDED',
    message: `${what}. Raise budget.${scope === 'run' ? '' : 'step.'}${limit}, or ask for less.`,
    details: { limit, scope, allowed, used, requested, purpose, hasEffect: false },
  });
}
