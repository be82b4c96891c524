/**
 * The public names of `@gomind/orchestration/workflow`: reading, checking and printing workflows and plans, without what runs
 * them. Light to load, for editors and command lines.
 *
 * @module
 */
export { validatePlan, validatePlanStructure } from '../plan/validation/validate-plan.ts';
export { locateInJson } from '../plan/validation/locate-in-json.ts';
export { estimatePlan } from '../plan/estimate-plan.ts';
export type { PlanEstimate } from '../plan/estimate-plan.ts';
export type { Diagnostic } from '../plan/diagnostic.ts';
export type { PlanStep, RoutingPlan } from '../plan/routing-plan.ts';
export { compileWorkflow } from './compile-workflow.ts';
export { parseWorkflow } from './parse-workflow.ts';
export type { ParsedWorkflow, ParseWorkflowOptions } from './parse-workflow.ts';
export { printWorkflow, workflowToFile } from './print-workflow.ts';
export { printWorkflowTypeScript } from './typescript/print-workflow-typescript.ts';
export { workflowJsonSchema } from './workflow-schema.ts';
export { formatDiagnostic } from './yaml/diagnostics.ts';
export type { WorkflowDefinition, WorkflowInput } from './definition.ts';
