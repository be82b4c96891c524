/**
 * `gomind ask`: answers a request with the components that are there.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import type { OrchestratorResponse, RunEvent } from '@gomind/orchestration';
import { closeAfter } from '../support/close-after.ts';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { type ComponentOptions, openDiscovery } from '../support/find-components.ts';
import { ModelCallLog, type ModelCallOptions } from '../support/model-call-log.ts';
import { duration, RunProgress } from '../terminal/run-progress.ts';

/** Options of the command. */
export interface AskOptions extends ComponentOptions, ModelCallOptions {
  readonly json?: boolean;
  /** File for the run, from which `gomind promote` makes a workflow. */
  readonly save?: string;
}

/** Runs the command. */
export async function ask(request: string, options: AskOptions, context: CliContext): Promise<ExitCode> {
  return closeAfter(async (keep) => {
    const { createOrchestrator } = await import('@gomind/orchestration');
    const { createAIClientFromEnvironment } = await import('@gomind/ai');
    const aiClient = keep(createAIClientFromEnvironment());
    const discovery = keep(await openDiscovery(options, context));
    const modelCalls = new ModelCallLog(options);
    const config = { logLevel: 'error', ...modelCalls.config } as const;
    const orchestrator = keep(createOrchestrator({ discovery, aiClient }, config));
    const progress = new RunProgress(context.stderr, context.useColor);
    const onEvent = (event: RunEvent): void => {
      progress.show(event);
      modelCalls.note(event);
    };
    const response = await orchestrator
      .processRequest(request, {}, { signal: context.signal, onEvent })
      .finally(() => modelCalls.write(context));
    if (options.save !== undefined) {
      await writeFile(options.save, `${JSON.stringify({ request, ...response }, null, 2)}\n`);
      context.stderr.write(
        `The run was saved to ${options.save}; "gomind promote ${options.save}" makes a workflow of it.\n`,
      );
    }
    context.stdout.write(options.json === true ? `${JSON.stringify(response, null, 2)}\n` : `${response.response}\n`);
    for (const error of response.errors) context.stderr.write(`${error.code}: ${error.message}\n`);
    context.stderr.write(`${describe(response)}\n`);
    return response.status === 'failed' ? exitCodes.failed : exitCodes.ok;
  });
}

function describe({ status, mode, steps, executionTimeMs }: OrchestratorResponse): string {
  return `${status}, planned by ${mode}, ${String(Object.keys(steps).length)} steps, ${duration(executionTimeMs)}`;
}
