import type { FlagTable } from "@narthex/runtime";
import type { CommandTable } from "narthex/command-tables";

/** A position to complete: after the words of a command. */
export interface Place {
  /** Words that begin with the program: `narthex promtool check`. */
  readonly words: string;
  readonly flags: FlagTable;
  readonly commands: readonly CommandTable[];
}

/** All positions in command lines that the tables describe, the program's own first. */
export function placesOf(commands: readonly CommandTable[]): readonly Place[] {
  const top: Place = { words: "narthex", flags: {}, commands };
  const inside = (words: string, table: CommandTable): Place[] => {
    const own = `${words} ${table.name}`;
    return [{ words: own, ...table }, ...table.commands.flatMap((child) => inside(own, child))];
  };
  return [top, ...commands.flatMap((table) => inside(top.words, table))];
}

/** Flags of every command, which are not in the tables. */
export const STANDARD_FLAGS: Readonly<Record<string, string>> = {
  help: "Show help.",
  version: "Show the version.",
};
