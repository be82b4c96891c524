/**
 * What a record must have before a registry takes it.
 *
 * @module
 */
import type { ComponentInfo } from '../contracts/component.ts';
import { GomindError } from '../errors/gomind-error.ts';

const maxNameLength = 128;

/**
 * Refuses a record that others could not use.
 *
 * @param component a record as it was handed in; JavaScript callers are not held by types
 * @throws GomindError `CONFIG_INVALID` naming the first bad field and the accepted form
 */
export function checkComponentInfo(component: ComponentInfo): void {
  const { id, name, type, address, port, capabilities } = component as Partial<Record<keyof ComponentInfo, unknown>>;
  const nameForm = `text of 1 to ${String(maxNameLength)} characters without control characters`;
  if (!isName(id)) throw refusal('id', id, nameForm);
  if (!isName(name)) throw refusal('name', name, nameForm);
  if (type !== 'tool' && type !== 'agent') throw refusal('type', type, '"tool" or "agent"');
  if (typeof address !== 'string' || address.trim() === '')
    throw refusal('address', address, 'a host name, IP address or origin');
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw refusal('port', port, 'a whole number from 0 to 65535');
  if (!Array.isArray(capabilities)) throw refusal('capabilities', capabilities, 'a list of capabilities');
  for (const capability of capabilities as readonly unknown[]) {
    const isNamed =
      typeof capability === 'object' && capability !== null && 'name' in capability && isName(capability.name);
    if (!isNamed) throw refusal('capabilities', capability, 'capabilities that each have a name');
  }
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= maxNameLength && !/\p{Cc}/u.test(value);
}

function refusal(field: string, value: unknown, accepted: string): GomindError {
  const text = (JSON.stringify(value) as string | undefined) ?? String(value);
  return new GomindError({
    code: 'CONFIG_INVALID',
    message: `A component cannot be registered: its ${field} is ${text.slice(0, 60)}. Accepted: ${accepted}.`,
    details: { field, accepted },
  });
}
