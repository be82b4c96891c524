/**
 * A server that speaks the OpenAI chat completions and embeddings protocol on a loopback port and answers what a test tells
 * it to: answers, streams, refusals, limits, faults. Wire format: the OpenAI API reference (chat/create, chat/streaming).
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of the server; exactly what it says goes over the wire. */
export type WireReply =
  /** A whole answer; sent in one piece, or as one delta when a stream is asked for. */
  | { readonly text: string; readonly finishReason?: string; readonly usage?: WireUsage; readonly model?: string }
  /** An answer in pieces; joined when no stream is asked for. */
  | {
      readonly chunks: readonly string[];
      readonly finishReason?: string;
      readonly usage?: WireUsage;
      readonly end?: 'done' | 'cut' | 'stall';
    }
  | { readonly refusal: string }
  /** An error in OpenAI's form. */
  | {
      readonly status: number;
      readonly retryAfter?: string;
      readonly code?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Any body; a string is sent as it is. */
  | {
      readonly body: unknown;
      readonly status?: number;
      readonly contentType?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection breaks (`reset`), nothing ever comes (`hang`), or only the headers do. */
  | { readonly fault: 'reset' | 'hang' | 'hang-after-headers' };

/** Tokens as the wire names them. */
export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
}

/** One request as it arrived. */
export interface WireRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** Options of {@link startOpenAIWireServer}. */
export interface OpenAIWireServerOptions {
  /** Answers in order (the last one repeats never: one too many gets a 500 that says so), or a function that makes them. */
  readonly reply: readonly WireReply[] | ((request: WireRequest, index: number) => WireReply);
  /** Dimensions of the vectors that `/embeddings` answers with. Default: 8. */
  readonly embeddingDimensions?: number;
}

/** A running server. */
export interface OpenAIWireServer {
  /** For the client's `baseUrl`, ends in `/v1`. */
  readonly baseUrl: string;
  /** Chat requests so far, in order. */
  readonly requests: readonly WireRequest[];
  /** Embedding requests so far, in order. */
  readonly embeddingRequests: readonly WireRequest[];
  /** Resolves when no answer is under way: each was sent whole, or the client let go of its connection. */
  answersClosed(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const defaultUsage: WireUsage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

/** Starts a server on a free loopback port. */
export async function startOpenAIWireServer(options: OpenAIWireServerOptions): Promise<OpenAIWireServer> {
  const requests: WireRequest[] = [];
  const embeddingRequests: WireRequest[] = [];
  const answers: Promise<void>[] = [];
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    answers.push(
      new Promise((resolve) => {
        response.once('close', resolve);
      }),
    );
    const body = await readJson(request);
    const wireRequest: WireRequest = {
      path: request.url ?? '',
      headers: request.headers,
      body,
      receivedAt: Date.now(),
    };
    if (wireRequest.path.endsWith('/embeddings')) {
      embeddingRequests.push(wireRequest);
      sendJson(response, 200, embeddingsFor(body, options.embeddingDimensions ?? 8));
      return;
    }
    if (!wireRequest.path.endsWith('/chat/completions')) {
      sendJson(response, 404, errorBody(404, { message: `No such path: ${wireRequest.path}` }));
      return;
    }
    requests.push(wireRequest);
    const index = requests.length - 1;
    const reply = typeof options.reply === 'function' ? options.reply(wireRequest, index) : options.reply[index];
    await send(
      response,
      body,
      reply ?? { status: 500, message: `The script has no reply for request ${String(index + 1)}` },
    );
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  };
  return {
    baseUrl: `http://127.0.0.1:${String(port)}/v1`,
    requests,
    embeddingRequests,
    answersClosed: async () => {
      await Promise.all(answers);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function errorBody(status: number, error: { readonly code?: string; readonly message?: string }): unknown {
  return {
    error: {
      message: error.message ?? `Scripted error ${String(status)}`,
      type: 'scripted_error',
      param: null,
      code: error.code ?? null,
    },
  };
}

async function send(
  response: ServerResponse,
  request: Readonly<Record<string, unknown>>,
  reply: WireReply,
): Promise<void> {
  if ('fault' in reply) {
    if (reply.fault === 'reset') response.socket?.resetAndDestroy();
    if (reply.fault === 'hang-after-headers') {
      response.writeHead(200, {
        'content-type': request['stream'] === true ? 'text/event-stream' : 'application/json',
      });
      response.flushHeaders();
    }
    return;
  }
  if ('body' in reply) {
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    response
      .writeHead(reply.status ?? 200, { 'content-type': reply.contentType ?? 'application/json', ...reply.headers })
      .end(text);
    return;
  }
  if ('status' in reply) {
    const headers = {
      ...(reply.retryAfter === undefined ? {} : { 'retry-after': reply.retryAfter }),
      ...reply.headers,
    };
    sendJson(response, reply.status, errorBody(reply.status, reply), headers);
    return;
  }
  const model = ('model' in reply ? reply.model : undefined) ?? textOf(request['model'], 'test-model');
  if (request['stream'] === true) await sendStream(response, reply, model);
  else sendJson(response, 200, completion(reply, model));
}

type AnswerReply = Extract<WireReply, { text: string } | { chunks: readonly string[] } | { refusal: string }>;

function completion(reply: AnswerReply, model: string): unknown {
  const content = 'refusal' in reply ? null : 'text' in reply ? reply.text : reply.chunks.join('');
  return {
    id: 'chatcmpl-scripted',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: 'refusal' in reply ? reply.refusal : null },
        logprobs: null,
        finish_reason: finishReasonOf(reply),
      },
    ],
    usage: 'refusal' in reply ? defaultUsage : (reply.usage ?? defaultUsage),
  };
}

function finishReasonOf(reply: AnswerReply): string {
  return 'refusal' in reply ? 'stop' : (reply.finishReason ?? 'stop');
}

async function sendStream(response: ServerResponse, reply: AnswerReply, model: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const write = async (choices: readonly unknown[], usage?: WireUsage): Promise<void> => {
    const chunk = {
      id: 'chatcmpl-scripted',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model,
      choices,
      usage: usage ?? null,
    };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    // A turn of the event loop between pieces, so that they travel as pieces.
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  };
  const piece = (delta: unknown, finishReason: string | null = null): unknown => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason: finishReason,
  });
  await write([piece({ role: 'assistant', content: '' })]);
  if ('refusal' in reply) await write([piece({ refusal: reply.refusal })]);
  else for (const text of 'text' in reply ? [reply.text] : reply.chunks) await write([piece({ content: text })]);
  const end = 'end' in reply ? reply.end : 'done';
  if (end === 'stall') return;
  if (end === 'cut') {
    response.end();
    return;
  }
  await write([piece({}, finishReasonOf(reply))]);
  await write([], 'refusal' in reply ? defaultUsage : (reply.usage ?? defaultUsage));
  response.end('data: [DONE]\n\n');
}

/** Vectors that depend on the text alone, so that equal texts are equal. */
function embeddingsFor(body: Readonly<Record<string, unknown>>, dimensions: number): unknown {
  const inputs = Array.isArray(body['input']) ? body['input'].map(String) : [textOf(body['input'], '')];
  const data = inputs.map((text, index) => {
    const embedding = Array.from({ length: dimensions }, (_, at) => {
      let sum = at + 1;
      for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 997;
      return sum / 997;
    });
    return { object: 'embedding', index, embedding };
  });
  return {
    object: 'list',
    data,
    model: textOf(body['model'], 'test-embedding'),
    usage: { prompt_tokens: inputs.length, total_tokens: inputs.length },
  };
}
