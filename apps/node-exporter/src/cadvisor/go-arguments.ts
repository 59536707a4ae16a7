import type { FlagTable } from "@narthex/runtime";

/** Arguments as Go's flag package takes them (`-name`, `-name=value`) in the form that ours takes. */
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
