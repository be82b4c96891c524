/**
 * One signal handler for all served components of a process.
 *
 * @module
 */

type CloseComponent = () => Promise<void>;

const closers = new Set<CloseComponent>();
const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Closes a component when the process is asked to end. When all are closed the process exits (0 for SIGTERM, 130 for
 * SIGINT), unless the application handles the signal itself; a second signal while draining ends it at once.
 *
 * @param close drains and closes the component
 * @returns a function that takes the component out again
 */
export function onTermination(close: CloseComponent): () => void {
  if (closers.size === 0) for (const signal of signals) process.once(signal, closeAll);
  closers.add(close);
  return () => {
    closers.delete(close);
    if (closers.size === 0) removeHandlers();
  };
}

function removeHandlers(): void {
  for (const signal of signals) process.removeListener(signal, closeAll);
}

function closeAll(signal: NodeJS.Signals): void {
  const all = [...closers];
  // From here on the default action of the signals is back: a second one ends the process.
  removeHandlers();
  const isHandledElsewhere = process.listenerCount(signal) > 0;
  void Promise.allSettled(all.map(async (close) => close())).then(() => {
    if (!isHandledElsewhere) process.exit(signal === 'SIGINT' ? 130 : 0);
  });
}
