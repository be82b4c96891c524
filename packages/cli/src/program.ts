/**
 * The commands and their options. Each command's code is loaded when it is called, so that small ones start fast.
 *
 * @module
 */
import { Command, CommanderError, Option } from 'commander';
import { type CliContext, type ExitCode, exitCodes } from './support/cli-context.ts';
import { ownVersion } from './support/own-version.ts';
import { redactedOutput } from './support/redacted-output.ts';
import { UsageError } from './support/usage-error.ts';

const debugLlm = [
  '--debug-llm <file>',
  'keep what models were asked and answered, redacted, as JSON (- tells it on standard error)',
] as const;
/** Commands whose names are settled and that do not exist yet, and what does until then. */
const laterCommands: ReadonlyMap<string, string> = new Map([
  [
    'serve',
    'An orchestrator answers in a server of yours: createOrchestrator and createHealthHandler of @gomind/orchestration.',
  ],
  ['dev', '"gomind ask" and "gomind run" show a live tree of what they do.'],
  ['worker', 'Runs end with the process that started them: "gomind run FILE".'],
  ['runs', 'Runs are not kept yet; "gomind ask --save FILE" keeps one answer, and "--json" prints a whole run.'],
]);
const formats = ['ascii', 'mermaid', 'dot', 'svg'];

/**
 * Runs the command line.
 *
 * @param words what was typed behind `gomind`
 * @param world the streams and the terminal; what goes to standard error loses its secrets
 * @returns the exit code; never throws
 */
export async function runCommandLine(words: readonly string[], world: CliContext): Promise<ExitCode> {
  const context = { ...world, stderr: redactedOutput(world.stderr) };
  let code: ExitCode = exitCodes.ok;
  const [name = ''] = words;
  const until = laterCommands.get(name);
  if (until !== undefined) {
    context.stderr.write(`"gomind ${name}" is not part of this version. ${until}\n`);
    return exitCodes.usage;
  }
  const program = createProgram(context, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, context);
  }
}

function report(error: unknown, context: CliContext): ExitCode {
  // commander has written its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof UsageError) {
    context.stderr.write(`${error.message}\n`);
    return exitCodes.usage;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL_ERROR';
  context.stderr.write(`${code}: ${error instanceof Error ? error.message : String(error)}\n`);
  return context.signal.aborted ? exitCodes.interrupted : exitCodes.failed;
}

function createProgram(context: CliContext, end: (code: ExitCode) => void): Command {
  const program = new Command('gomind')
    .description('Validate, run, draw and promote workflows; ask questions of tools and agents')
    .version(ownVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        context.stdout.write(text);
      },
      writeErr: (text) => {
        context.stderr.write(text);
      },
    })
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows how)');
  const command = (usage: string, description: string): Command =>
    program.command(usage).description(description).option('--json', 'print the result as JSON').exitOverride();
  const withComponents = (made: Command): Command =>
    made
      .option('--components <file>', 'JSON list of components with capabilities and addresses')
      .option('--redis <url>', 'registry in Redis (default: REDIS_URL)')
      .option('--namespace <name>', 'namespace of the registry (default: GOMIND_NAMESPACE)');

  withComponents(command('validate <file>', 'find everything that is wrong with a workflow (- reads standard input)'))
    .option('--plan', 'the file holds a plan (JSON)')
    .action(async (file: string, options: object) => {
      end(await (await import('./commands/validate.ts')).validate(file, options, context));
    });
  withComponents(command('run <file>', 'run a workflow'))
    .option('-i, --input <name=value...>', 'an input')
    .option('--input-file <file>', 'JSON file with inputs')
    .option('--dry-run', 'show the plan and its bounds, call nothing')
    .option('--approve', 'approve everything that is asked')
    .option('--artifacts <folder>', 'folder for artifacts')
    .option(...debugLlm)
    .action(async (file: string, options: object) => {
      end(await (await import('./commands/run.ts')).run(file, options, context));
    });
  withComponents(command('ask <request>', 'answer a request with the components that are there'))
    .option('-w, --workflow <file...>', 'a workflow that the plan may use as a step')
    .option('--approve', 'approve everything that is asked')
    .option('--artifacts <folder>', 'folder for artifacts')
    .option('--save <file>', 'save the run, for promote')
    .option(...debugLlm)
    .action(async (request: string, options: object) => {
      end(await (await import('./commands/ask.ts')).ask(request, options, context));
    });
  withComponents(command('plan <request>', 'write a proved workflow for a request, without running it'))
    .option('-o, --output <file>', 'file for the workflow (.yaml, or .ts)')
    .option('--name <name>', 'name of the workflow')
    .option(...debugLlm)
    .action(async (request: string, options: object) => {
      end(await (await import('./commands/plan.ts')).plan(request, options, context));
    });
  command('graph <file>', 'draw a workflow')
    .addOption(new Option('-f, --format <format>', 'how to draw it').choices(formats).default('ascii'))
    .action(async (file: string, options: object) => {
      end(await (await import('./commands/graph.ts')).graph(file, options, context));
    });
  command('print <file>', 'print a workflow as YAML or as TypeScript, with nothing lost')
    .addOption(
      new Option('-f, --format <format>', "how to print it (default: by the output's name, else yaml)").choices([
        'yaml',
        'ts',
      ]),
    )
    .option('-o, --output <file>', 'file for the workflow')
    .action(async (file: string, options: object) => {
      end(await (await import('./commands/print.ts')).print(file, options, context));
    });
  command('promote <run>', 'make a workflow of a saved run')
    .option('-o, --output <file>', 'file for the workflow (.yaml, or .ts); its replay test stands beside it')
    .option('--name <name>', 'name of the workflow')
    .action(async (file: string, options: object) => {
      end(await (await import('./commands/promote.ts')).promote(file, options, context));
    });
  const components = withComponents(command('components', 'list what is registered')).action(
    async (options: object) => {
      end(await (await import('./commands/components.ts')).components(options, context));
    },
  );
  components
    .command('test <url>')
    .description('see whether a component keeps the contract of its callers')
    .option('--json', 'print the result as JSON')
    .exitOverride()
    .action(async (url: string, _options: object, called: Command) => {
      const options = called.optsWithGlobals();
      end(await (await import('./commands/components-test.ts')).componentsTest(url, options, context));
    });
  command('doctor', 'look at versions, environment, Redis, model and ports')
    .option('--model', 'call the model once')
    .action(async (options: object) => {
      end(await (await import('./commands/doctor.ts')).doctor(options, context));
    });
  command('init <folder>', 'begin a project')
    .addOption(
      new Option('-t, --template <name>', 'what it is about')
        .choices(['tool', 'agent', 'workflow', 'orchestrator'])
        .default('tool'),
    )
    .action(async (folder: string, options: object) => {
      end(await (await import('./commands/init.ts')).init(folder, options, context));
    });
  command('completion <shell>', 'print a completion script for bash, zsh or fish').action(async (shell: string) => {
    end((await import('./commands/completion.ts')).completion(shell, program, context));
  });
  return program;
}
