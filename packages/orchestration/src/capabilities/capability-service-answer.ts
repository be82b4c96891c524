/**
 * Reads what a capability service answers: the list of contracts section 7, and the text that the Go original's service sends.
 *
 * @module
 */
import type { ComponentInfo } from '@gomind/core';
import { type ChosenCapability, publicCapabilities } from './offer.ts';
import { isRecord } from '../plan/is-record.ts';

/**
 * The registered capabilities that an answer names, in its order. What is not registered is left out: a plan could not call it.
 *
 * @param answer the parsed body
 * @param components what is registered
 * @returns undefined when the answer has no form that is known
 */
export function readServiceAnswer(
  answer: unknown,
  components: readonly ComponentInfo[],
): readonly ChosenCapability[] | undefined {
  if (!isRecord(answer)) return undefined;
  const known = publicCapabilities(components);
  const { capabilities } = answer;
  if (Array.isArray(capabilities)) return capabilities.flatMap((item) => matchesOf(item, known));
  if (typeof capabilities !== 'string' || capabilities.trim() === '') return undefined;
  const named = answer['agent_names'];
  const isNamed = Array.isArray(named)
    ? (name: string): boolean =>
        named.some((one) => typeof one === 'string' && one.toLowerCase() === name.toLowerCase())
    : (name: string): boolean => capabilities.includes(name);
  return known.filter(({ component }) => isNamed(component.name));
}

function matchesOf(item: unknown, known: readonly ChosenCapability[]): readonly ChosenCapability[] {
  if (typeof item === 'string') {
    return known.filter(({ component, capability }) => `${component.name}/${capability.name}` === item);
  }
  if (!isRecord(item)) return [];
  const component = nameOf(item['component'] ?? item['agent_name'] ?? item['agent']);
  const capability = nameOf(item['capability'] ?? item['name'] ?? item['action']);
  if (component === undefined) return [];
  return known.filter(
    (one) => one.component.name === component && (capability === undefined || one.capability.name === capability),
  );
}

function nameOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return isRecord(value) && typeof value['name'] === 'string' ? value['name'] : undefined;
}
