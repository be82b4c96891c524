/**
 * A registry record as JSON: the fields and names of the Go original, so that both read each other's.
 *
 * @module
 */
import {
  checkComponentInfo,
  type ComponentHealth,
  type ComponentInfo,
  GomindError,
  readCapability,
} from '@gomind/core';
import { encodeCapability } from './capability-json.ts';
import { asRecord, asText, type UnknownRecord } from './unknown-record.ts';

const healths: ReadonlySet<unknown> = new Set<ComponentHealth>(['healthy', 'degraded', 'unhealthy', 'unknown']);
const maxRecordLength = 1_048_576;

/** A record that was read, or what is wrong with it. */
export type DecodedRecord =
  | { readonly component: ComponentInfo; readonly problem?: never }
  | { readonly problem: string; readonly component?: never };

/**
 * A copy of a caller's component that is fit for the registry: plain JSON, with schemas in place of short forms.
 *
 * @throws GomindError `CONFIG_INVALID` naming what is wrong
 */
export function normalComponent(component: ComponentInfo): ComponentInfo {
  checkComponentInfo(component);
  const normal = componentFrom(component as unknown as UnknownRecord);
  return componentFrom(JSON.parse(encodeRecord(normal, '')) as UnknownRecord);
}

/**
 * The JSON text of a record.
 *
 * @param lastSeen ISO 8601
 * @throws GomindError `CONFIG_INVALID` when something in it is no JSON
 */
export function encodeRecord(component: ComponentInfo, lastSeen: string): string {
  let text: string;
  try {
    text = JSON.stringify({
      id: component.id,
      name: component.name,
      type: component.type,
      description: component.description,
      address: component.address,
      port: component.port,
      capabilities: component.capabilities.map(encodeCapability),
      metadata: component.metadata ?? {},
      health: component.health ?? 'unknown',
      last_seen: lastSeen,
    });
  } catch (error) {
    const message = `The component "${component.id}" cannot be registered: it holds something that is no JSON (${String(error)}).`;
    throw new GomindError({ code: 'CONFIG_INVALID', message, cause: error });
  }
  if (text.length <= maxRecordLength) return text;
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `The component "${component.id}" cannot be registered: its record has ${String(text.length)} characters. Accepted: at most ${String(maxRecordLength)}; shorten schemas or descriptions.`,
  });
}

/**
 * Reads a record, whoever wrote it.
 *
 * @param text what stands under the key
 * @param id the id in the key; a record that claims another one is not believed
 */
export function decodeRecord(text: string, id: string): DecodedRecord {
  if (text.length > maxRecordLength) return { problem: `it has more than ${String(maxRecordLength)} characters` };
  const fields = parseObject(text);
  if (fields === undefined) return { problem: 'it is no JSON object' };
  if (fields['id'] !== id) return { problem: 'its id is not the one of its key' };
  try {
    const component = componentFrom(fields);
    checkComponentInfo(component);
    return { component };
  } catch (error) {
    const field = GomindError.isInstance(error) ? error.details['field'] : undefined;
    return { problem: `its ${typeof field === 'string' ? field : 'content'} cannot be read` };
  }
}

/** Reads the fields; what has no good value is left for {@link checkComponentInfo} to refuse. */
function componentFrom(fields: UnknownRecord): ComponentInfo {
  // An empty list of the Go original arrives as null.
  const capabilities = fields['capabilities'] ?? [];
  const metadata = metadataFrom(fields['metadata']);
  const lastSeen = timeFrom(fields['last_seen'] ?? fields['lastSeen']);
  const raw = {
    id: fields['id'],
    name: fields['name'],
    type: fields['type'],
    description: asText(fields['description']) ?? '',
    address: fields['address'],
    port: fields['port'],
    capabilities: Array.isArray(capabilities) ? capabilities.map(readCapability) : capabilities,
    ...(metadata === undefined ? {} : { metadata }),
    ...(healths.has(fields['health']) ? { health: fields['health'] } : {}),
    ...(lastSeen === undefined ? {} : { lastSeen }),
  };
  return raw as ComponentInfo;
}

function parseObject(text: string): UnknownRecord | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Metadata is text here; other values of other writers are kept as their JSON. */
function metadataFrom(value: unknown): Record<string, string> | undefined {
  const entries = Object.entries(asRecord(value) ?? {}).filter(([, item]) => item !== undefined && item !== null);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([key, item]) => [key, typeof item === 'string' ? item : JSON.stringify(item)]),
  );
}

/** Go writes nanoseconds and time zones; here it is milliseconds in UTC. */
function timeFrom(value: unknown): string | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
