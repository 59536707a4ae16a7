import type { CommandTable } from "narthex/command-tables";
import { placesOf, STANDARD_FLAGS } from "./places.ts";

/**
 * Returns the completion script for bash. The script completes commands and flags, and also file names as values of
 * flags and as operands.
 */
export function bashCompletion(commands: readonly CommandTable[]): string {
  const places = placesOf(commands);
  const steps = places.slice(1).map(({ words }) => `'${words}'`);
  const rows = places.map(({ words, flags, commands }) => {
    const names = [
      ...commands.map(({ name }) => name),
      ...Object.entries(flags).flatMap(([name, flag]) =>
        flag.boolean ? [`--${name}`, `--no-${name}`] : [`--${name}=`],
      ),
      ...Object.keys(STANDARD_FLAGS).map((name) => `--${name}`),
    ];
    return `    '${words}') names='${names.join(" ")}' ;;`;
  });
  return `# Completion of narthex for bash.
_narthex() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} place=narthex names= i
  # Bash takes --flag=value for three words.
  if [[ $word == '=' || $before == '=' ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "\${word#=}")
    return
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place \${COMP_WORDS[i]}" in
      ${steps.join(" | \\\n        ")})
        place="$place \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$place" in
${rows.join("\n")}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
  if [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
}
complete -o default -F _narthex narthex
`;
}
