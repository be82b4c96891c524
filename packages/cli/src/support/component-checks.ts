/**
 * Whether a component keeps the contract that callers rely on: health, readiness, its list of capabilities, their schemas, and
 * how it refuses what it cannot take. Only requests are made that a component must refuse, so nothing is done by asking.
 *
 * @module
 */
import { compileJsonSchema, type JsonSchema } from '@gomind/core';
import type { ComponentProbe, ProbeAnswer } from './component-probe.ts';
import type { Finding } from './findings.ts';

type Verdict = readonly [state: Finding['state'], message: string];

interface ListedCapability {
  readonly name: string;
  readonly effect?: unknown;
}

const capabilitiesPath = '/api/capabilities';
const unknownName = 'gomind-no-such-capability';

/** Checks everything; what cannot be asked any more is left out. */
export async function checkComponent(probe: ComponentProbe): Promise<Finding[]> {
  const findings: Finding[] = [];
  const note = (check: string, [state, message]: Verdict): void => {
    findings.push({ check, state, message });
  };
  const health = await probe.ask({ path: '/health' });
  note('GET /health', judgeHealth(health));
  if (health.status === undefined) return findings;
  note('GET /ready', judgeReady(await probe.ask({ path: '/ready' })));
  const list = await probe.ask({ path: capabilitiesPath });
  const capabilities = capabilitiesOf(list.json);
  note(`GET ${capabilitiesPath}`, judgeList(list, capabilities));
  for (const capability of capabilities ?? []) {
    const path = `${capabilitiesPath}/${encodeURIComponent(capability.name)}`;
    const schema = await probe.ask({ path: `${path}/schema` });
    note(`GET ${path}/schema`, judgeSchema(schema));
    note(`POST ${path} with broken JSON`, judgeRefusal(await probe.ask({ path, body: '{"broken": ' }), 400));
    const wrong = wrongInput(capability, schema.json);
    if (wrong !== undefined)
      note(`POST ${path} with ${wrong}`, judgeInputRefusal(await probe.ask({ path, body: wrong })));
  }
  const nowhere = `${capabilitiesPath}/${unknownName}`;
  note(`POST ${nowhere}`, judgeRefusal(await probe.ask({ path: nowhere, body: '{}' }), 404));
  return findings;
}

function judgeHealth({ status, json, failure }: ProbeAnswer): Verdict {
  if (status === undefined) return ['problem', `there is no answer: ${failure ?? 'no reason is known'}`];
  if (status !== 200) return ['problem', `${String(status)}, but it must be 200 while the process lives`];
  const state = entriesOf(json)?.['status'];
  if (state === 'healthy') return ['ok', 'healthy'];
  if (state === 'degraded') return ['note', `degraded: ${JSON.stringify(entriesOf(json)?.['reasons'] ?? [])}`];
  return ['problem', `"status" is ${show(state)}, but must be "healthy" or "degraded"`];
}

function judgeReady({ status, failure }: ProbeAnswer): Verdict {
  if (status === 200) return ['ok', 'ready'];
  if (status === 503) return ['note', 'not ready: it has not registered yet, or it is shutting down'];
  return ['problem', `${statusText(status, failure)}, but it must be 200 or 503`];
}

function judgeList({ status, failure }: ProbeAnswer, capabilities: readonly ListedCapability[] | undefined): Verdict {
  if (status !== 200) return ['problem', `${statusText(status, failure)}, but it must be 200`];
  if (capabilities === undefined) return ['problem', 'the answer is no list of objects with a "name"'];
  if (capabilities.length === 0) return ['problem', 'the list is empty, so nobody can call it'];
  return ['ok', capabilities.map(({ name }) => name).join(', ')];
}

function judgeSchema({ status, json, failure }: ProbeAnswer): Verdict {
  if (status !== 200) return ['problem', `${statusText(status, failure)}, but it must be 200`];
  const input = entriesOf(json)?.['input'];
  if (entriesOf(input) === undefined) return ['problem', '"input" is no JSON Schema'];
  try {
    compileJsonSchema(input as JsonSchema);
    return ['ok', 'a JSON Schema'];
  } catch (error) {
    return ['problem', `"input" is no JSON Schema: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** A refusal is a status and an envelope that say the same. */
function judgeRefusal({ status, json, failure }: ProbeAnswer, wanted: number): Verdict {
  const envelope = entriesOf(json);
  const error = entriesOf(envelope?.['error']);
  if (status !== wanted) return ['problem', `${statusText(status, failure)}, but it must be ${String(wanted)}`];
  if (envelope?.['success'] !== false || error === undefined) {
    return ['problem', 'the body is no envelope {"success": false, "error": {...}}'];
  }
  const missing = ['code', 'message', 'category', 'retryable'].filter((key) => error[key] === undefined);
  if (missing.length > 0) return ['problem', `the error has no ${missing.map((key) => `"${key}"`).join(', ')}`];
  return ['ok', `refused: ${String(error['code'])}`];
}

function judgeInputRefusal(answer: ProbeAnswer): Verdict {
  const verdict = judgeRefusal(answer, 400);
  const details = entriesOf(entriesOf(entriesOf(answer.json)?.['error'])?.['details']);
  if (verdict[0] !== 'ok' || JSON.stringify(details ?? null).includes('/')) return verdict;
  return ['problem', 'the refusal does not name the path of what is wrong (a JSON pointer in "details")'];
}

/**
 * An input that the schema does not allow. A component that takes it anyway would run its handler, so it is sent only where that
 * does no harm.
 */
function wrongInput({ effect }: ListedCapability, schema: unknown): string | undefined {
  const input = entriesOf(entriesOf(schema)?.['input']);
  const properties = Object.entries(entriesOf(input?.['properties']) ?? {});
  const [name, property] = properties.find(([, one]) => typeof entriesOf(one)?.['type'] === 'string') ?? [];
  if (effect !== 'pure' || name === undefined) return undefined;
  const type = entriesOf(property)?.['type'];
  return JSON.stringify({ [name]: type === 'array' ? 'wrong' : [{ wrong: true }] });
}

function capabilitiesOf(json: unknown): readonly ListedCapability[] | undefined {
  const list: unknown = Array.isArray(json) ? json : entriesOf(json)?.['capabilities'];
  if (!Array.isArray(list)) return undefined;
  const isNamed = (one: unknown): one is ListedCapability => typeof entriesOf(one)?.['name'] === 'string';
  return list.every(isNamed) ? list : undefined;
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function statusText(status: number | undefined, failure: string | undefined): string {
  return status === undefined ? `there is no answer (${failure ?? 'no reason is known'})` : String(status);
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60);
}
