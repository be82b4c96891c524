/**
 * Which capability gives what: outputs by what they are about.
 *
 * @module
 */
import type { Capability, ComponentInfo } from '@gomind/core';
import { type Field, fieldsOf } from './field-kind.ts';

/** A capability, and the output that is wanted of it. */
export interface Producer {
  readonly component: ComponentInfo;
  readonly capability: Capability;
  readonly output: Field;
}

/** Capabilities by the subject of their outputs. */
export class ProducerTable {
  readonly #offered: readonly ComponentInfo[];
  #bySubject: ReadonlyMap<string, readonly Producer[]> | undefined;

  constructor(offered: readonly ComponentInfo[]) {
    this.#offered = offered;
  }

  /** Capabilities that may give a field's value: those that start from a place or a name first. */
  for(field: Field): readonly Producer[] {
    this.#bySubject ??= tableOf(this.#offered);
    const producers = (this.#bySubject.get(field.subject) ?? []).filter(({ output }) => output.kind === field.kind);
    return [...producers].sort((left, right) => effort(left) - effort(right));
  }
}

function tableOf(offered: readonly ComponentInfo[]): ReadonlyMap<string, readonly Producer[]> {
  const table = new Map<string, Producer[]>();
  for (const component of offered) {
    for (const capability of component.capabilities) {
      // What changes the world is called because it is asked for, never to look something up.
      const isLookup =
        capability.internal !== true && (capability.effect === 'pure' || capability.effect === 'idempotent');
      if (!isLookup) continue;
      for (const output of fieldsOf(capability.outputSchema)) {
        const producers = table.get(output.subject) ?? [];
        producers.push({ component, capability, output });
        table.set(output.subject, producers);
      }
    }
  }
  return table;
}

function effort({ capability }: Producer): number {
  const required = fieldsOf(capability.inputSchema).filter((field) => field.isRequired);
  return required.length * 2 + (required.some((field) => field.kind === 'place') ? 0 : 1);
}
