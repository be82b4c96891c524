/**
 * Approvals within one process: steps ask, people decide. Durable approvals come with durable runs.
 *
 * @module
 */
import { cancellationError, type Clock, GomindError, systemClock } from '@gomind/core';
import type { StepContext, StepHandler } from '../../execution/step-handler.ts';

const maxPending = 10_000;

/** What is asked. */
export interface ApprovalRequest {
  readonly id: string;
  readonly runId: string;
  /** Name of the step in its run. */
  readonly step: string;
  readonly prompt: string;
  /** Who may decide. Empty: anybody. */
  readonly approvers: readonly string[];
  /** What the step was given, to be shown to who decides. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What was decided. */
export interface ApprovalDecision {
  readonly decision: 'approved' | 'rejected';
  readonly comment?: string;
  /** Who decided; checked against the step's approvers. */
  readonly by?: string;
}

interface Pending {
  readonly request: ApprovalRequest;
  readonly resolve: (decision: ApprovalDecision) => void;
}

/** Keeps what waits for a decision. */
export class ApprovalDesk {
  readonly #clock: Clock;
  readonly #onRequest: (request: ApprovalRequest) => void;
  readonly #pending = new Map<string, Pending>();

  /** @param options `onRequest` is told of everything that begins to wait for a decision */
  constructor(options: { readonly clock?: Clock; readonly onRequest?: (request: ApprovalRequest) => void } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#onRequest = options.onRequest ?? (() => undefined);
  }

  /** What waits for a decision, oldest first. */
  pending(): ApprovalRequest[] {
    return [...this.#pending.values()].map(({ request }) => request);
  }

  /**
   * Decides.
   *
   * @throws GomindError `NOT_FOUND` for an approval that does not wait (any more), `NOT_AUTHORIZED` when `by` is none of the approvers
   */
  decide(id: string, decision: ApprovalDecision): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) {
      throw new GomindError({ code: 'NOT_FOUND', message: `No approval "${id}" waits for a decision.` });
    }
    const { approvers } = pending.request;
    if (approvers.length > 0 && (decision.by === undefined || !approvers.includes(decision.by))) {
      throw new GomindError({
        code: 'NOT_AUTHORIZED',
        message: `Only ${approvers.join(', ')} may decide the approval of step "${pending.request.step}".`,
      });
    }
    this.#pending.delete(id);
    pending.resolve(decision);
  }

  /** Makes the handler of `approval` steps: a rejection fails the step with `APPROVAL_REJECTED`. */
  stepHandler(): StepHandler {
    return {
      kind: 'approval',
      takesSlot: false,
      timeoutMs: Number.POSITIVE_INFINITY,
      run: async (step, context) => {
        const { prompt, approvers } = context.config;
        const request: ApprovalRequest = {
          id: `approval-${this.#clock.uuid()}`,
          runId: context.runId,
          step: context.stepName,
          prompt: typeof prompt === 'string' ? prompt : step.name,
          approvers: Array.isArray(approvers) ? approvers.map(String) : [],
          inputs: context.inputs,
        };
        context.waiting(`for the approval ${request.id}`);
        const decision = await this.#ask(request, context);
        context.emit({ type: 'approval.decided', approvalId: request.id, step: request.step, ...decision });
        if (decision.decision === 'approved') return decision;
        throw new GomindError({
          code: 'APPROVAL_REJECTED',
          message: `It was rejected${decision.by === undefined ? '' : ` by ${decision.by}`}${decision.comment === undefined ? '' : `: ${decision.comment}`}`,
          details: { ...decision },
        });
      },
    };
  }

  async #ask(request: ApprovalRequest, context: StepContext): Promise<ApprovalDecision> {
    const { signal } = context;
    if (this.#pending.size >= maxPending) {
      throw new GomindError({ code: 'LIMIT_EXCEEDED', message: `At most ${String(maxPending)} approvals may wait.` });
    }
    const decided = Promise.withResolvers<ApprovalDecision>();
    const onAbort = (): void => {
      this.#pending.delete(request.id);
      decided.reject(cancellationError(signal, 'Waiting for an approval'));
    };
    if (signal.aborted) throw cancellationError(signal, 'Waiting for an approval');
    this.#pending.set(request.id, { request, resolve: decided.resolve });
    signal.addEventListener('abort', onAbort, { once: true });
    const { id: approvalId, step, prompt, approvers } = request;
    context.emit({ type: 'approval.requested', approvalId, step, prompt, approvers });
    this.#onRequest(request);
    try {
      return await decided.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
