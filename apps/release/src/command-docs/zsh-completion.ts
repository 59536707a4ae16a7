import type { CommandTable } from "narthex/command-tables";
import { type Place, placesOf, STANDARD_FLAGS } from "./places.ts";

/** Returns the completion script for zsh, with the help text of each command and flag. */
export function zshCompletion(commands: readonly CommandTable[]): string {
  const places = placesOf(commands);
  const steps = places.slice(1).map(({ words }) => quoted(words));
  return `#compdef narthex
# Completion of narthex for zsh.
_narthex() {
  local place=narthex word
  local -a commands plain valued
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$place $word" in
      (${steps.join("|")})
        place="$place $word" ;;
    esac
  done
  if [[ $PREFIX == --*=* ]]; then
    compset -P '*='
    _files
    return
  fi
  case "$place" in
${places.map(arm).join("\n")}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o flag plain
    _describe -o flag valued -S '='
  elif (( $#commands )); then
    _describe command commands
  else
    _files
  fi
}
_narthex "$@"
`;
}

function arm({ words, flags, commands }: Place): string {
  const entries = Object.entries(flags);
  const plain = entries.flatMap(([name, flag]) =>
    flag.boolean ? [row(`--${name}`, flag.help), row(`--no-${name}`, flag.help)] : [],
  );
  const valued = entries.flatMap(([name, flag]) => (flag.boolean ? [] : [row(`--${name}`, flag.help)]));
  const standard = Object.entries(STANDARD_FLAGS).map(([name, help]) => row(`--${name}`, help));
  const list = (rows: readonly string[]): string => rows.map((one) => `\n        ${one}`).join("");
  return `    (${quoted(words)})
      commands=(${list(commands.map(({ name, help }) => row(name, help)))})
      plain=(${list([...plain, ...standard])})
      valued=(${list(valued)}) ;;`;
}

const row = (name: string, help: string): string =>
  quoted(`${name.replaceAll(":", "\\:")}:${help.replaceAll(/\s+/g, " ")}`);

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
