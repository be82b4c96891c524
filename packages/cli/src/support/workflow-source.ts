/**
 * Reads workflow files, shows what is wrong with them, and finds the sub-workflows that stand beside them.
 *
 * @module
 */
import { dirname, resolve } from 'node:path';
import { type ComponentInfo, GomindError } from '@gomind/core';
import {
  type Diagnostic,
  formatDiagnostic,
  parseWorkflow,
  type WorkflowDefinition,
} from '@gomind/orchestration/workflow';
import type { LoadWorkflow } from '@gomind/orchestration';
import type { CliContext } from './cli-context.ts';
import { readSource } from './read-source.ts';
import { importWorkflow } from './workflow-module.ts';
import { isModule, workflowText } from './workflow-text.ts';

/** A workflow file, and everything that was found in it. */
export interface WorkflowSource {
  readonly name: string;
  readonly text: string;
  readonly workflow: WorkflowDefinition | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** More than `parseWorkflow` accepts, so that it says what is too large. */
const maxWorkflowBytes = 2_097_152;

/** Reads a file; a file that is wrong is no error here. */
export async function readWorkflowSource(
  path: string,
  context: CliContext,
  components?: readonly ComponentInfo[],
): Promise<WorkflowSource> {
  if (isModule(path)) return checkModule(path, context, components);
  const { name, bytes } = await readSource(path, context, maxWorkflowBytes);
  const { workflow, diagnostics } = parseWorkflow(bytes, {
    file: name,
    ...(components === undefined ? {} : { components }),
  });
  return { name, text: new TextDecoder().decode(bytes), workflow, diagnostics };
}

/** A module has no lines to point at, so its workflow is shown as the YAML that says the same. */
async function checkModule(
  path: string,
  context: CliContext,
  components?: readonly ComponentInfo[],
): Promise<WorkflowSource> {
  const text = workflowText(await importWorkflow(path, context), 'yaml');
  const name = `${path} (as YAML)`;
  const { workflow, diagnostics } = parseWorkflow(text, {
    file: name,
    ...(components === undefined ? {} : { components }),
  });
  return { name, text, workflow, diagnostics };
}

/**
 * Reads a file that has to be right; warnings go to stderr.
 *
 * @throws GomindError `PLAN_REJECTED` with all findings, each with its place and the lines around
 */
export async function requireWorkflow(
  path: string,
  context: CliContext,
  components?: readonly ComponentInfo[],
): Promise<WorkflowDefinition> {
  const source = await readWorkflowSource(path, context, components);
  const shown = source.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, source.text));
  if (source.workflow === undefined) {
    throw new GomindError({
      code: 'PLAN_REJECTED',
      message: `${source.name} cannot be run.\n\n${shown.join('\n\n')}`,
      details: { diagnostics: source.diagnostics },
    });
  }
  for (const warning of shown) context.stderr.write(`${warning}\n`);
  return source.workflow;
}

/** A workflow and the file that it was read from; `-` is standard input. */
export interface WorkflowFile {
  readonly path: string;
  readonly workflow: WorkflowDefinition;
}

/** Reads workflow files that have to be right, as {@link requireWorkflow} does. */
export async function requireWorkflows(paths: readonly string[], context: CliContext): Promise<WorkflowFile[]> {
  return Promise.all(paths.map(async (path) => ({ path, workflow: await requireWorkflow(path, context) })));
}

/**
 * Loads sub-workflows by the path that a step names, seen from the file of the workflow that the step is in. A file is read once
 * in a run, so that all of it runs in one version of it.
 *
 * @param files the workflows to begin with; those of standard input stand in the current folder
 */
export function loaderBeside(files: readonly WorkflowFile[], context: CliContext): LoadWorkflow {
  const folders = new WeakMap<WorkflowDefinition, string>();
  for (const { path, workflow } of files) folders.set(workflow, path === '-' ? '.' : dirname(path));
  const loaded = new Map<string, Promise<WorkflowDefinition>>();
  const load = async (path: string): Promise<WorkflowDefinition> => {
    const workflow = await requireWorkflow(path, context);
    folders.set(workflow, dirname(path));
    return workflow;
  };
  return (reference, from) => {
    const path = resolve((from && folders.get(from)) ?? '.', reference);
    const workflow = loaded.get(path) ?? load(path);
    loaded.set(path, workflow);
    return workflow;
  };
}
