/**
 * `gomind graph`: a picture of a workflow.
 *
 * @module
 */
import { compileWorkflow } from '@gomind/orchestration/workflow';
import { type Graph, graphOf } from '../graph/graph-model.ts';
import { toAscii, toSvg } from '../graph/picture-formats.ts';
import { toDot, toMermaid } from '../graph/text-formats.ts';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { terminalWidth } from '../support/terminal-width.ts';
import { requireWorkflow } from '../support/workflow-source.ts';

/** How a graph can be drawn. */
const graphFormats: Readonly<Record<string, (graph: Graph, width: number) => string>> = {
  ascii: toAscii,
  mermaid: toMermaid,
  dot: toDot,
  svg: toSvg,
};

/** Options of the command. */
export interface GraphOptions {
  readonly format?: string;
  readonly json?: boolean;
}

/** Runs the command. */
export async function graph(path: string, options: GraphOptions, context: CliContext): Promise<ExitCode> {
  const drawn = graphOf(compileWorkflow(await requireWorkflow(path, context)));
  const format = graphFormats[options.format ?? 'ascii'] ?? toAscii;
  context.stdout.write(
    options.json === true ? `${JSON.stringify(drawn, null, 2)}\n` : format(drawn, terminalWidth(context.stdout)),
  );
  return exitCodes.ok;
}
