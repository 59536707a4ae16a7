import type { FlagTable } from "@narthex/runtime";

/** Converts arguments of Go's flag package (`-name`, `-name=value`) to the form of our parser. */
export function goArguments(args: readonly string[], table: FlagTable): readonly string[] {
  const written: string[] = [];
  const queue = [...args];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const [, name = "", value] = /^--?([^-=][^=]*)(=.*)?$/s.exec(word) ?? [];
    written.push(name === "" || name === "h" ? word.replace(/^--h$/, "-h") : `--${name}${value ?? ""}`);
    // The value of a flag may look like a flag itself.
    const takesValue = Object.hasOwn(table, name) && !table[name]!.boolean;
    if (takesValue && value === undefined && queue.length > 0) written.push(queue.shift()!);
  }
  return written;
}
