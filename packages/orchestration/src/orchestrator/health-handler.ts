/**
 * `/health` and `/ready` of an orchestrator (contracts, section 1), for any server that speaks `Request` and `Response`.
 *
 * @module
 */
import type { AIOrchestrator } from './ai-orchestrator.ts';

/** Answers a request for `/health` or `/ready`; undefined for any other path. */
export type HealthHandler = (request: Request) => Response | undefined;

/**
 * Makes the handler of an orchestrator's probes. Both answer at once from what is known; neither calls a model, a component or
 * another service. `/health` is 200 while the process lives; `/ready` is 503 before the registry was read for the first time
 * (`orchestrator.start()`) and while the orchestrator closes. A registry that is lost later degrades health, not readiness.
 *
 * @param orchestrator whose health it is
 * @example
 * const probes = createHealthHandler(orchestrator);
 * app.use(async (context, next) => probes(context.req.raw) ?? next());
 */
export function createHealthHandler(orchestrator: Pick<AIOrchestrator, 'health' | 'isReady'>): HealthHandler {
  return (request) => {
    const path = new URL(request.url).pathname;
    if (path !== '/health' && path !== '/ready') return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } });
    if (path === '/health') return Response.json(orchestrator.health());
    if (orchestrator.isReady) return Response.json({ status: 'ready' });
    const reason =
      'The registry was not read yet (orchestrator.start() reads it, and so does the first request), or the orchestrator is closing.';
    return Response.json({ status: 'not ready', reason }, { status: 503 });
  };
}
