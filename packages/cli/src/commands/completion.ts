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

/** Options by command. */
type Words = readonly (readonly [command: string, description: string, options: readonly string[]])[];

function wordsOf(program: Command): Words {
  return program.commands.map((command) => [
    command.name(),
    command.description().replaceAll("'", ''),
    command.options.flatMap((option) => option.long ?? []),
  ]);
}

const scripts: Readonly<Record<string, (words: Words) => string>> = {
  bash: (words) => `_gomind() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${words.map(([name]) => name).join(' ')}" -- "$word")); return; fi
  local options=""
  case "\${COMP_WORDS[1]}" in
${words.map(([name, , options]) => `    ${name}) options="${options.join(' ')}" ;;`).join('\n')}
  esac
  if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -F _gomind gomind
`,
  zsh: (words) => `#compdef gomind
_gomind() {
  if (( CURRENT == 2 )); then
    local -a commands=(${words.map(([name, description]) => `'${name}:${description}'`).join(' ')})
    _describe command commands
    return
  fi
  case "$words[2]" in
${words.map(([name, , options]) => `    ${name}) compadd -- ${options.join(' ')} ;;`).join('\n')}
  esac
  _files
}
compdef _gomind gomind
`,
  fish: (words) =>
    `${words
      .flatMap(([name, description, options]) => [
        `complete -c gomind -n __fish_use_subcommand -a ${name} -d '${description}'`,
        ...options.map((option) => `complete -c gomind -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`),
      ])
      .join('\n')}\n`,
};
