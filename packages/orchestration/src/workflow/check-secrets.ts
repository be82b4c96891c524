/**
 * Where secrets may stand: in the inputs of calls, whose record shows the reference. Everywhere else the value would be written
 * down, shown to a model or a person, or returned.
 *
 * @module
 */
import { type WorkflowDefinition, workflowsComponentName } from './definition.ts';
import { type FoundReference, referencesOf } from './workflow-references.ts';
import type { WorkflowFinding } from './workflow-finding.ts';

/** The secrets of a workflow that would not stay secret. */
export function findExposedSecrets(workflow: WorkflowDefinition): WorkflowFinding[] {
  const exposed: WorkflowFinding[] = [];
  for (const found of referencesOf(workflow)) {
    const { reference, step, path } = found;
    if (reference.root !== 'secrets' || isInCall(found)) continue;
    const name = reference.keys[0] === undefined ? '' : ` "${String(reference.keys[0])}"`;
    const owner = step === undefined ? '' : `Step "${step.name}": `;
    exposed.push({
      diagnostic: {
        code: 'SECRET_EXPOSED',
        severity: 'error',
        message: `${owner}the secret${name} would be recorded or shown here. It may stand in the inputs of a step that calls a tool, an agent or a capability; a workflow that is a step lists its own "secrets".`,
        ...(step === undefined ? {} : { step: step.name }),
      },
      path,
    });
  }
  return exposed;
}

function isInCall({ step, key }: FoundReference): boolean {
  if (step === undefined || key !== 'inputs') return false;
  return step.kind === undefined ? step.component !== workflowsComponentName : step.kind === 'capability';
}
