import type { FlagTable } from "@narthex/runtime";
import type { CommandTable } from "narthex/command-tables";

/** A point in a command line at which words can be completed: after a command. */
export interface Place {
  /** The words of the command line before the point: `narthex promtool check`. */
  readonly words: string;
  readonly flags: FlagTable;
  readonly commands: readonly CommandTable[];
}

/** Returns all completion points that the command tables describe. The program itself is first. */
export function placesOf(commands: readonly CommandTable[]): readonly Place[] {
  const top: Place = { words: "narthex", flags: {}, commands };
  const inside = (words: string, table: CommandTable): Place[] => {
    const own = `${words} ${table.name}`;
    return [{ words: own, ...table }, ...table.commands.flatMap((child) => inside(own, child))];
  };
  return [top, ...commands.flatMap((table) => inside(top.words, table))];
}

/** Flags that every command has. The command tables do not contain them. */
export const STANDARD_FLAGS: Readonly<Record<string, string>> = {
  help: "Show help.",
  version: "Show the version.",
};
