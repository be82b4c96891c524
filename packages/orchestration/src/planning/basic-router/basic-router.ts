/**
 * Plans without a model: searches the capabilities, takes parameters from the words of the request, and chains capabilities
 * whose outputs are the next one's inputs. It plans what it can prove and refuses the rest; it never guesses a capability.
 *
 * @module
 */
import { type ComponentInfo, systemClock } from '@gomind/core';
import { indexOf } from '../../capabilities/search-index.ts';
import type { RoutingPlan } from '../../plan/routing-plan.ts';
import { validatePlan } from '../../plan/validation/validate-plan.ts';
import { asksForSomething, type Clause, clausesOf, withoutOuterQuotes, withoutQuotes } from './clauses.ts';
import { RouteBuilder } from './route-builder.ts';

/** What the basic router says. */
export interface BasicRoute {
  readonly ok: boolean;
  /** There when `ok`. */
  readonly plan?: RoutingPlan;
  /** Why there is no plan, or which part of the request the plan leaves out. */
  readonly reason?: string;
}

/** Options of {@link basicRouter}. */
export interface BasicRouterOptions {
  /** What "today" is. Default: the machine's clock. */
  readonly now?: Date;
}

const maxRequestCharacters = 20_000;

/**
 * Plans a request from the capabilities alone. Never throws.
 *
 * @param request plain language
 * @param offered components the plan may use
 * @example
 * const route = basicRouter('Convert 250 USD to EUR', await discovery.discover());
 * if (route.ok) console.log(route.plan);
 */
export function basicRouter(
  request: string,
  offered: readonly ComponentInfo[],
  options: BasicRouterOptions = {},
): BasicRoute {
  const index = indexOf(offered);
  if (index.size === 0) return { ok: false, reason: 'No component with a callable capability is offered.' };
  const asked = withoutOuterQuotes(request.slice(0, maxRequestCharacters));
  const clauses = clausesOf(asked);
  const builder = new RouteBuilder(offered, index, options.now ?? new Date(systemClock.now()));
  const unplanned = clauses
    .map((clause) => ({ clause, problem: builder.add(clause) }))
    .filter(({ problem }) => problem !== undefined);
  builder.addFurther(withoutQuotes(asked), clauses);

  const steps = builder.steps();
  const reason = reasonFor(
    unplanned.flatMap(({ clause, problem }) => (problem === undefined || !counts(clause, builder) ? [] : [problem])),
  );
  if (steps.length === 0) return { ok: false, reason: reason ?? nothingFits };
  const checked = validatePlan({ steps }, offered);
  if (checked.plan === undefined) {
    const problems = checked.diagnostics.map((diagnostic) => diagnostic.message).join(' ');
    return { ok: false, reason: `The basic router found a plan that does not hold: ${problems}` };
  }
  return { ok: true, plan: checked.plan, ...(reason === undefined ? {} : { reason }) };
}

const nothingFits = 'No capability fits the request, by the words of their names, descriptions and parameters.';

/** Something that only told facts for other parts ("I fly from Berlin to Seoul") was not left out. */
function counts(clause: Clause, builder: RouteBuilder): boolean {
  return asksForSomething(clause.text) && !builder.hasUsed(clause);
}

function reasonFor(problems: readonly string[]): string | undefined {
  return problems.length === 0 ? undefined : problems.join(' ');
}
