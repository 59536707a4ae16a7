import { type FlagTable, helpText } from "@narthex/runtime";
import { type CommandGroup, type CommandNode, isGroup } from "./command.ts";

/** The text of --help for the command at the end of a path that begins with the program. */
export function commandHelp<Context>(path: readonly CommandNode<Context>[]): string {
  const node = path.at(-1)!;
  const table: FlagTable = Object.assign({}, ...path.map(({ flags }) => flags ?? {}));
  const words = path.map(({ name }) => name).join(" ");
  const operands = isGroup(node) ? " <command> [<args> ...]" : node.operands === "" ? "" : ` ${node.operands}`;
  const text = helpText(words, node.help, table).replace(/^.*\n/, `usage: ${words} [<flags>]${operands}\n`);
  return isGroup(node) ? `${text}\nCommands:\n${commandRows(node).map(listed).join("")}` : text;
}

const listed = ({ words, help }: CommandRow): string => `  ${words}\n      ${help}\n`;

/** One line of a list of commands. */
export interface CommandRow {
  /** Words, a mark for flags and the operands: `silence add [<flags>] [<matcher-groups>...]`. */
  readonly words: string;
  readonly help: string;
}

/** Every command below a group; a star marks one that its group runs by default. */
export function commandRows<Context>(group: CommandGroup<Context>, before = ""): CommandRow[] {
  return group.commands.flatMap((node): CommandRow[] => {
    const words = `${before}${node.name}`;
    if (isGroup(node)) return commandRows(node, `${words} `);
    const mark = node.name === group.default ? "*" : "";
    const flags = Object.keys(node.flags).length > 0 ? " [<flags>]" : "";
    return [{ words: `${words}${mark}${flags}${node.operands === "" ? "" : ` ${node.operands}`}`, help: node.help }];
  });
}
