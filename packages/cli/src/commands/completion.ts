/**
 * `gomind completion`: completion scripts for shells, made from the commands themselves.
 *
 * @module
 */
import type { Command } from 'commander';
import { type CliContext, type ExitCode, exitCodes } from '../support/cli-context.ts';
import { UsageError } from '../support/usage-error.ts';

/** Runs the command. */
export function completion(shell: string, program: Command, context: CliContext): ExitCode {
  const make = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (make === undefined)
    throw new UsageError(`There is no completion for "${shell}". Shells: ${Object.keys(scripts).join(', ')}.`);
  context.stdout.write(make(wordsOf(program)));
  return exitCodes.ok;
}

/** What can be typed behind a command. */
interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly string[];
  /** Its own commands. */
  readonly commands: readonly string[];
  /** Values by option, where there are only some. */
  readonly choices: readonly (readonly [option: string, values: readonly string[]])[];
}

function wordsOf(program: Command): CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description().replaceAll("'", ''),
    options: command.options.flatMap((option) => option.long ?? []),
    commands: command.commands.map((each) => each.name()),
    choices: command.options.flatMap(({ long, argChoices }) =>
      long === undefined || argChoices === undefined ? [] : [[long, argChoices] as const],
    ),
  }));
}

const scripts: Readonly<Record<string, (words: readonly CommandWords[]) => string>> = {
  bash: (words) => `_gomind() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${words.map(({ name }) => name).join(' ')}" -- "$word")); return; fi
  local options="" commands=""
  case "\${COMP_WORDS[1]}" in
${words.map(({ name, options, commands }) => `    ${name}) options="${options.join(' ')}"; commands="${commands.join(' ')}" ;;`).join('\n')}
  esac
  case "\${COMP_WORDS[1]} $before" in
${choicesOf(words, (name, option, values) => `    "${name} ${option}") COMPREPLY=($(compgen -W "${values}" -- "$word")); return ;;`)}
  esac
  if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); else COMPREPLY=($(compgen -W "$commands" -- "$word") $(compgen -f -- "$word")); fi
}
complete -F _gomind gomind
`,
  zsh: (words) => `#compdef gomind
_gomind() {
  if (( CURRENT == 2 )); then
    local -a commands=(${words.map(({ name, description }) => `'${name}:${description}'`).join(' ')})
    _describe command commands
    return
  fi
  case "$words[2] $words[CURRENT-1]" in
${choicesOf(words, (name, option, values) => `    "${name} ${option}") compadd -- ${values}; return ;;`)}
  esac
  case "$words[2]" in
${words.map(({ name, options, commands }) => `    ${name}) compadd -- ${[...commands, ...options].join(' ')} ;;`).join('\n')}
  esac
  _files
}
compdef _gomind gomind
`,
  fish: (words) =>
    `${words
      .flatMap(({ name, description, options, commands, choices }) => [
        `complete -c gomind -n __fish_use_subcommand -a ${name} -d '${description}'`,
        ...commands.map((each) => `complete -c gomind -n '__fish_seen_subcommand_from ${name}' -a ${each}`),
        ...options.map((option) => {
          const values = choices.find(([long]) => long === option)?.[1];
          const after = values === undefined ? '' : ` -x -a '${values.join(' ')}'`;
          return `complete -c gomind -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}${after}`;
        }),
      ])
      .join('\n')}\n`,
};

function choicesOf(
  words: readonly CommandWords[],
  line: (name: string, option: string, values: string) => string,
): string {
  return words
    .flatMap(({ name, choices }) => choices.map(([option, values]) => line(name, option, values.join(' '))))
    .join('\n');
}
