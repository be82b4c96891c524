/**
 * Makes a registry record safe to show: to people in a terminal, and to a model in a prompt.
 *
 * @module
 */
import { type Capability, checkComponentInfo, type ComponentInfo, GomindError, type Logger } from '@gomind/core';
import { plainText } from '../llm/quote-data.ts';

const maxDescriptionLength = 2_000;
/**
 * The record with plain descriptions, or undefined (and a warning) when it breaks the contract.
 *
 * @param component a record as the registry returned it
 */
export function cleanComponent(component: ComponentInfo, logger: Logger): ComponentInfo | undefined {
  try {
    checkComponentInfo(component);
  } catch (error) {
    const { id } = component as { readonly id: unknown };
    const reason = GomindError.isInstance(error) ? error.message : 'it cannot be read';
    logger.warn('A malformed registry record was left out', {
      id: String(id).slice(0, 128),
      reason,
    });
    return undefined;
  }
  return {
    ...component,
    description: plain(component.description),
    capabilities: component.capabilities.map((capability): Capability => ({
      ...capability,
      description: plain(capability.description),
    })),
  };
}

function plain(text: unknown): string {
  return typeof text === 'string' ? plainText(text, maxDescriptionLength) : '';
}
