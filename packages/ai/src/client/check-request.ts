/**
 * Refuses what is no request before anything is sent; JavaScript callers are not held by types.
 *
 * @module
 */
import { GomindError } from '@gomind/core';

/**
 * Checks what `generate` or `stream` was given.
 *
 * @throws GomindError `MODEL_BAD_REQUEST`
 */
export function checkChatRequest(request: unknown): void {
  if (isObject(request) && Array.isArray(request['messages']) && request['messages'].every(isMessage)) return;
  throw refused(
    'A model is asked with { messages: [{ role, content }] }, where role is system, user or assistant and content is text',
  );
}

/**
 * Checks what `embed` was given.
 *
 * @throws GomindError `MODEL_BAD_REQUEST`
 */
export function checkEmbedRequest(request: unknown): void {
  const isList = isObject(request) && Array.isArray(request['values']);
  if (isList && (request['values'] as readonly unknown[]).every((value) => typeof value === 'string')) return;
  throw refused('Vectors are asked for with { values: [...] }, a list of texts');
}

const roles: ReadonlySet<unknown> = new Set(['system', 'user', 'assistant']);

function isMessage(value: unknown): boolean {
  return isObject(value) && roles.has(value['role']) && typeof value['content'] === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function refused(message: string): GomindError {
  return new GomindError({ code: 'MODEL_BAD_REQUEST', message: `${message}; nothing was sent.` });
}
