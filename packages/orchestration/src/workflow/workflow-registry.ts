/**
 * Workflows by name and version: found by name, by range of versions, and by what they do; offered to planners as the
 * capabilities of one component, so that a plan can use a workflow as a step.
 *
 * @module
 */
import { type ComponentInfo, findClosest, GomindError, type JsonSchema } from '@gomind/core';
import { indexOf } from '../capabilities/search-index.ts';
import { requireDefinition } from './check-definition.ts';
import { type WorkflowDefinition, workflowsComponentName } from './definition.ts';
import { effectOfWorkflow } from './workflow-effect.ts';
import { compareVersions, isInRange, parseVersion } from './versions.ts';

const maxWorkflows = 10_000;

/** One workflow that fits a request. */
export interface WorkflowMatch {
  readonly workflow: WorkflowDefinition;
  /** Comparable within one search only. */
  readonly score: number;
}

/** Holds the workflows that an application knows. */
export class WorkflowRegistry {
  /** Newest version first. */
  readonly #byName = new Map<string, readonly WorkflowDefinition[]>();
  #offer: { readonly from: readonly ComponentInfo[] | undefined; readonly component: ComponentInfo } | undefined;

  /** @param workflows workflows to begin with */
  constructor(workflows: readonly WorkflowDefinition[] = []) {
    if (!Array.isArray(workflows)) {
      throw new GomindError({ code: 'CONFIG_INVALID', message: 'A WorkflowRegistry begins with a list of workflows.' });
    }
    for (const workflow of workflows as readonly WorkflowDefinition[]) this.register(workflow);
  }

  /**
   * Adds a workflow, or replaces the one of the same name and version.
   *
   * @throws GomindError `CONFIG_INVALID` for what is no workflow, `UNSUPPORTED_VERSION` for a version that cannot be read,
   *   `LIMIT_EXCEEDED` beyond 10,000 names
   */
  register(workflow: WorkflowDefinition): void {
    requireDefinition(workflow);
    const known = this.#byName.get(workflow.name) ?? [];
    if (known.length === 0 && this.#byName.size >= maxWorkflows) {
      throw new GomindError({
        code: 'LIMIT_EXCEEDED',
        message: `At most ${String(maxWorkflows)} workflows can be registered.`,
      });
    }
    const others = known.filter((other) => compare(other, workflow) !== 0);
    this.#byName.set(
      workflow.name,
      [...others, workflow].toSorted((left, right) => compare(right, left)),
    );
    this.#offer = undefined;
  }

  /**
   * The newest workflow of a name, or the newest whose version lies in a range.
   *
   * @param range for example `^2.0`; a workflow without a version counts as 0.0.0
   */
  find(name: string, range?: string): WorkflowDefinition | undefined {
    const known = this.#byName.get(name) ?? [];
    return range === undefined ? known[0] : known.find((workflow) => isInRange(workflow.version ?? '0.0.0', range));
  }

  /**
   * Like {@link WorkflowRegistry.find}.
   *
   * @throws GomindError `NOT_FOUND` with the closest name
   */
  get(name: string, range?: string): WorkflowDefinition {
    const workflow = this.find(name, range);
    if (workflow !== undefined) return workflow;
    const versions = this.#byName.get(name)?.map(({ version }) => version ?? 'none') ?? [];
    const closest = findClosest(name, this.#byName.keys());
    throw new GomindError({
      code: 'NOT_FOUND',
      message:
        versions.length > 0
          ? `No version of the workflow "${name}" lies in "${range ?? ''}". Registered: ${versions.join(', ')}.`
          : `No workflow "${name}" is registered.${closest === undefined ? '' : ` Did you mean "${closest}"?`}`,
    });
  }

  /** The newest version of every workflow, by name. */
  list(): WorkflowDefinition[] {
    return [...this.#byName.values()]
      .flatMap(([newest]) => newest ?? [])
      .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** All versions of a workflow, newest first. */
  versionsOf(name: string): readonly WorkflowDefinition[] {
    return this.#byName.get(name) ?? [];
  }

  /**
   * The workflows that fit a request best, by name, description, inputs and steps; best first.
   *
   * @param options `limit`: results at most (default 5)
   */
  search(request: string, options: { readonly limit?: number } = {}): WorkflowMatch[] {
    return indexOf([this.asComponent()])
      .search(request, options.limit ?? 5)
      .flatMap(({ capability, score }) => {
        const workflow = this.find(capability.name);
        return workflow === undefined ? [] : [{ workflow, score }];
      });
  }

  /**
   * The newest version of every workflow as a capability of one component, for planners.
   *
   * @param components what the steps may call; with them each capability has its effect class
   */
  asComponent(components?: readonly ComponentInfo[]): ComponentInfo {
    if (this.#offer === undefined || this.#offer.from !== components) {
      this.#offer = { from: components, component: this.#describe(components) };
    }
    return this.#offer.component;
  }

  #describe(components: readonly ComponentInfo[] | undefined): ComponentInfo {
    const find = (reference: string): WorkflowDefinition | undefined => this.find(...splitReference(reference));
    return {
      id: workflowsComponentName,
      name: workflowsComponentName,
      type: 'agent',
      description: 'Declared workflows that run as one step',
      address: '127.0.0.1',
      port: 0,
      capabilities: this.list().map((workflow) => ({
        name: workflow.name,
        description: workflow.description ?? `Runs ${workflow.steps.map((step) => step.name).join(', ')}`.slice(0, 500),
        inputSchema: inputSchemaOf(workflow),
        outputSchema: outputSchemaOf(workflow),
        tags: workflow.steps.slice(0, 50).map((step) => step.name),
        ...(components === undefined ? {} : { effect: effectOfWorkflow(workflow, { components, find }) }),
      })),
    };
  }
}

function compare(left: WorkflowDefinition, right: WorkflowDefinition): number {
  return compareVersions(parseVersion(left.version ?? '0.0.0'), parseVersion(right.version ?? '0.0.0'));
}

/** `name@range` names a workflow and the versions that will do. */
export function splitReference(reference: string): [name: string, range?: string] {
  const at = reference.indexOf('@');
  return at < 1 ? [reference] : [reference.slice(0, at), reference.slice(at + 1)];
}

/** The JSON Schema of a workflow's inputs. */
function inputSchemaOf(workflow: WorkflowDefinition): JsonSchema {
  const inputs = Object.entries(workflow.inputs);
  return {
    type: 'object',
    properties: Object.fromEntries(inputs.map(([name, { schema }]) => [name, schema])),
    required: inputs.filter(([, { required }]) => required).map(([name]) => name),
    additionalProperties: false,
  };
}

function outputSchemaOf(workflow: WorkflowDefinition): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(workflow.outputs).map(([name, { schema }]) => [name, schema ?? {}])),
  };
}
