/**
 * A child abort controller that follows a parent and lets go of it. `AbortSignal.any` keeps listeners on a long-lived
 * parent (nodejs/node issues 54614, 55351), so this links by hand.
 *
 * @module
 */

/** An abort controller that also aborts when its parent does. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  readonly abort: (reason?: unknown) => void;
  /** Lets go of the parent; call it in `finally`. */
  readonly unlink: () => void;
}

/**
 * Makes a child of a signal.
 *
 * @param parent aborting it aborts the child with the same reason
 */
export function linkedAbort(parent?: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const onAbort = (): void => {
    controller.abort(parent?.reason);
  };
  if (parent?.aborted === true) onAbort();
  else parent?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => {
      controller.abort(reason);
    },
    unlink: () => parent?.removeEventListener('abort', onAbort),
  };
}
