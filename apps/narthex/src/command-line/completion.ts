import { type CommandGroup, type CommandNode, isGroup } from "./command.ts";

/**
 * Returns the output for `--completion-bash` and `--completion-script-…`. Returns undefined for any other first
 * argument.
 */
export function completionOf<Context>(
  program: string,
  root: CommandGroup<Context>,
  [flag, ...words]: readonly string[],
): string | undefined {
  switch (flag) {
    case "--completion-bash":
      return candidates(root, words).join("\n");
    case "--completion-script-bash":
      return bashScript(program);
    case "--completion-script-zsh":
      return zshScript(program);
    default:
      return undefined;
  }
}

/** Returns completions for the last word: flags if it begins with a dash, otherwise commands. */
function candidates<Context>(root: CommandGroup<Context>, words: readonly string[]): readonly string[] {
  const path: CommandNode<Context>[] = [root];
  for (const word of words) {
    const node = path.at(-1)!;
    const next = isGroup(node) ? node.commands.find(({ name }) => name === word) : undefined;
    if (next !== undefined) path.push(next);
  }
  const node = path.at(-1)!;
  if (words.at(-1)?.startsWith("--") === true) {
    const flags = path.toReversed().flatMap((one) => Object.entries(one.flags ?? {}));
    const shown = flags.filter(([, { hidden }]) => hidden !== true).map(([name]) => `--${name}`);
    return [...new Set([...shown, "--help", "--version"])];
  }
  if (!isGroup(node)) return [];
  return [...(node === root ? ["help"] : []), ...node.commands.map(({ name }) => name)];
}

const bashScript = (program: string): string => `
_${program}_complete() {
    COMPREPLY=( $(compgen -W "$("\${COMP_WORDS[0]}" --completion-bash "\${COMP_WORDS[@]:1:$COMP_CWORD}")" -- "\${COMP_WORDS[COMP_CWORD]}") )
}
complete -F _${program}_complete -o default ${program}
`;

const zshScript = (program: string): string => `#compdef ${program}

_${program}() {
    local candidates=($("\${words[1]}" --completion-bash "\${(@)words[2,$CURRENT]}"))
    compadd -a candidates
    if [[ $compstate[nmatches] -eq 0 && $words[$CURRENT] != -* ]]; then
        _files
    fi
}

if [[ "$(basename -- \${(%):-%x})" != "_${program}" ]]; then
    compdef _${program} ${program}
fi
`;
