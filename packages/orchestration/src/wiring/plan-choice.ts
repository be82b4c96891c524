/**
 * Who makes the plans of `ai-routing` steps, as the configuration says. The same for requests and for workflows.
 *
 * @module
 */
import type { AIClient, Clock } from '@gomind/core';
import { basicRouter } from '../planning/basic-router/basic-router.ts';
import { checkedPlanner } from '../planning/checked-planner.ts';
import { createPlanner, type Planner } from '../planning/planner.ts';
import type { OrchestratorConfig } from './orchestrator-config.ts';

/**
 * Makes the planning of a configuration: the planner, or without a model the basic router.
 *
 * @param makers `planner`: the application's own, used even without a model
 */
export function choosePlan(
  config: OrchestratorConfig,
  makers: { readonly aiClient: AIClient; readonly planner: Planner | undefined; readonly clock: Clock },
): Planner['plan'] {
  const { aiClient, clock } = makers;
  const planner =
    makers.planner === undefined
      ? createPlanner({
          aiClient,
          clock,
          prompt: config.prompt,
          maxRepairs: config.maxPlanRepairs,
          maxSteps: config.maxPlanSteps,
          maxDepth: config.maxPlanDepth,
          maxFanOut: config.maxPlanFanOut,
        })
      : checkedPlanner(makers.planner);
  const isModelThere = makers.planner !== undefined || aiClient.isConfigured !== false;
  return async (request, offered, options) => {
    if (isModelThere) return planner.plan(request, offered, options);
    const route = basicRouter(request, offered, { now: new Date(clock.now()) });
    return route.plan === undefined
      ? { ok: false, reason: route.reason ?? 'No capability fits.' }
      : { ok: true, plan: route.plan };
  };
}
