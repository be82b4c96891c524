/**
 * Workflows as the text of a file: YAML, or TypeScript for the builder.
 *
 * @module
 */
import { printWorkflow, printWorkflowTypeScript, type WorkflowDefinition } from '@gomind/orchestration/workflow';

/** What a workflow can be written as. */
export type WorkflowFormat = 'yaml' | 'ts';

/** The format that the name of a file asks for. Default: YAML. */
export function workflowFormatOf(path: string | undefined): WorkflowFormat {
  return path !== undefined && isModule(path) ? 'ts' : 'yaml';
}

/** Whether a file holds a program rather than YAML or JSON. */
export function isModule(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/** A workflow in a format. */
export function workflowText(workflow: WorkflowDefinition, format: WorkflowFormat): string {
  return format === 'ts' ? printWorkflowTypeScript(workflow) : printWorkflow(workflow);
}
