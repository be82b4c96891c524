/**
 * One POST on one connection: sends a body, collects the answer within its bound. Knows how far it came when it fails, because
 * that decides whether the call may be made again.
 *
 * @module
 */
import type { Client, Dispatcher } from 'undici';

/** What is sent. */
export interface OutgoingMessage {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back, whole. */
export interface IncomingMessage {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Bounds of an exchange. */
export interface ExchangeOptions {
  /** Largest body of an answer in bytes. */
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
}

/**
 * `unsent`: nothing was written to a connection, so nobody saw the message. `sent`: nothing came back. `answering`: an answer
 * had begun. `too-large`: it grew past its bound.
 */
export type ExchangeStage = 'unsent' | 'sent' | 'answering' | 'too-large';

/** Why an exchange has no answer. */
export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure';
  readonly stage: ExchangeStage;

  constructor(stage: ExchangeStage, cause: unknown) {
    super(`The exchange failed (${stage})`, { cause });
    this.stage = stage;
  }
}

/**
 * Makes one exchange. After a rejection the connection is in an unknown state and must be destroyed.
 *
 * @param client an undici client with no other request at work
 * @throws ExchangeFailure when there is no whole answer, also when the signal aborts
 */
export function exchange(client: Client, message: OutgoingMessage, options: ExchangeOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { path, headers, body } = message;
    const collector = new AnswerCollector(options, { resolve, reject });
    client.dispatch({ method: 'POST', path, headers, body }, collector);
  });
}

interface Outcome {
  readonly resolve: (answer: IncomingMessage) => void;
  readonly reject: (failure: ExchangeFailure) => void;
}

class AnswerCollector implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #outcome: Outcome;
  readonly #onAbort: () => void;
  #stage: ExchangeStage = 'unsent';
  #status = 0;
  #headers: IncomingMessage['headers'] = {};
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(options: ExchangeOptions, outcome: Outcome) {
    this.#options = options;
    this.#outcome = outcome;
    // Whoever owns the connection destroys it after a rejection, which ends whatever is still at work on it.
    this.#onAbort = () => {
      this.#fail(options.signal.reason);
    };
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal.aborted) this.#onAbort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#options.signal.aborted) controller.abort(new ExchangeFailure('unsent', this.#options.signal.reason));
    else this.#stage = 'sent';
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // Informational answers (1xx) come before the real one.
    if (status < 200) return;
    this.#stage = 'answering';
    this.#status = status;
    this.#headers = headers;
    if (Number(headers['content-length']) > this.#options.maxAnswerBytes) this.#refuse(controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#options.maxAnswerBytes) this.#refuse(controller);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    const [first = Buffer.alloc(0)] = this.#chunks;
    const body = this.#chunks.length <= 1 ? first : Buffer.concat(this.#chunks, this.#bytes);
    this.#outcome.resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #refuse(controller: Dispatcher.DispatchController): void {
    this.#stage = 'too-large';
    this.#chunks.length = 0;
    const failure = new ExchangeFailure(this.#stage, undefined);
    this.#fail(failure);
    controller.abort(failure);
  }

  /** Settling twice is no error: the first outcome stands. */
  #fail(cause: unknown): void {
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#outcome.reject(new ExchangeFailure(this.#stage, cause));
  }
}
