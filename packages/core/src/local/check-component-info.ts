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
  check('id', id, isName(id), `text of 1 to ${String(maxNameLength)} characters without control characters`);
  check('name', name, isName(name), `text of 1 to ${String(maxNameLength)} characters without control characters`);
  check('type', type, type === 'tool' || type === 'agent', '"tool" or "agent"');
  check('address', address, typeof address === 'string' && address.trim() !== '', 'a host name, IP address or origin');
  const isPort = typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535;
  check('port', port, isPort, 'a whole number from 0 to 65535');
  check('capabilities', capabilities, Array.isArray(capabilities), 'a list of capabilities');
  for (const capability of capabilities as readonly unknown[]) {
    const isNamed =
      typeof capability === 'object' && capability !== null && 'name' in capability && isName(capability.name);
    check('capabilities', capability, isNamed, 'capabilities that each have a name');
  }
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= maxNameLength && !/\p{Cc}/u.test(value);
}

function check(field: string, value: unknown, isAccepted: boolean, accepted: string): void {
  if (isAccepted) return;
  const shown = JSON.stringify(value)?.slice(0, 60) ?? String(value);
  throw new GomindError({
    code: 'CONFIG_INVALID',
    message: `A component cannot be registered: its ${field} is ${shown}. Accepted: ${accepted}.`,
    details: { field, accepted },
  });
}
