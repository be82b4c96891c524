/**
 * A child abort controller that follows its parents and lets go of them. `AbortSignal.any` keeps listeners on a long-lived
 * parent (nodejs/node issues 54614, 55351), so this links by hand.
 *
 * @module
 */

/** An abort controller that also aborts when a parent does. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  readonly abort: (reason?: unknown) => void;
  /**
   * Follows one more signal for a while, which may be gone before the child is.
   *
   * @returns lets go of it
   */
  readonly follow: (signal: AbortSignal) => () => void;
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
  const follow = (signal: AbortSignal): (() => void) => {
    const onAbort = (): void => {
      controller.abort(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return () => {
      signal.removeEventListener('abort', onAbort);
    };
  };
  const unlink = parent === undefined ? () => undefined : follow(parent);
  return {
    signal: controller.signal,
    abort: (reason) => {
      controller.abort(reason);
    },
    follow,
    unlink,
  };
}
