import type { FlagTable } from "@narthex/runtime";

/**
 * Converts command-line arguments in the format of Go's flag package (`-name`, `-name=value`) to the format of
 * Narthex's parser.
 */
export function goArguments(args: readonly string[], table: FlagTable): readonly string[] {
  const written: string[] = [];
  const queue = [...args];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const [, name = "", value] = /^--?([^-=][^=]*)(=.*)?$/s.exec(word) ?? [];
    written.push(name === "" || name === "h" ? word.replace(/^--h$/, "-h") : `--${name}${value ?? ""}`);
    // Treats the next argument as the flag's value, even if it begins with a dash.
    const takesValue = Object.hasOwn(table, name) && !table[name]!.boolean;
    if (takesValue && value === undefined && queue.length > 0) written.push(queue.shift()!);
  }
  return written;
}
