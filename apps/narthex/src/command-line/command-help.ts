import { type FlagTable, helpText } from "@narthex/runtime";
import { type CommandGroup, type CommandNode, isGroup } from "./command.ts";

/** Returns the text of --help for the last command of a path. The first element of the path is the program. */
export function commandHelp<Context>(path: readonly CommandNode<Context>[], compact = false): string {
  const node = path.at(-1)!;
  const table: FlagTable = Object.assign({}, ...path.map(({ flags }) => flags ?? {}));
  const words = path.map(({ name }) => name).join(" ");
  const operands = isGroup(node) ? " <command> [<args> ...]" : node.operands === "" ? "" : ` ${node.operands}`;
  const text = helpText(words, node.help, table).replace(/^.*\n/, `usage: ${words} [<flags>]${operands}\n`);
  if (!isGroup(node)) return text;
  const rows = compact ? commandTree(node, "  ", path.length === 1) : commandRows(node).map(listed).join("");
  return `${text}\nCommands:\n${rows}`;
}

/** Returns a list of all commands. The commands of a group are indented below the group. */
function commandTree<Context>(group: CommandGroup<Context>, indent: string, top: boolean): string {
  const rows = group.commands.map((node) => {
    const mark = node.name === group.default ? "*" : "";
    const flags = Object.keys(node.flags ?? {}).length > 0 ? " [<flags>]" : "";
    const operands = isGroup(node) || node.operands === "" ? "" : ` ${node.operands}`;
    const own = `${indent}${node.name}${mark}${flags}${operands}\n`;
    return isGroup(node) ? own + commandTree(node, `${indent}  `, false) : own;
  });
  return (top ? `${indent}help [<command>...]\n` : "") + rows.join("");
}

const listed = ({ words, help }: CommandRow): string => `  ${words}\n      ${help}\n`;

export interface CommandRow {
  /**
   * Usage of the command: its words, a placeholder for flags, and the operands, such as `silence add [<flags>]
   * [<matcher-groups>...]`.
   */
  readonly words: string;
  readonly help: string;
}

/** Returns all commands of a group and its subgroups. A star marks a group's default command. */
export function commandRows<Context>(group: CommandGroup<Context>, before = ""): CommandRow[] {
  return group.commands.flatMap((node): CommandRow[] => {
    const words = `${before}${node.name}`;
    if (isGroup(node)) return commandRows(node, `${words} `);
    const mark = node.name === group.default ? "*" : "";
    const flags = Object.keys(node.flags).length > 0 ? " [<flags>]" : "";
    return [{ words: `${words}${mark}${flags}${node.operands === "" ? "" : ` ${node.operands}`}`, help: node.help }];
  });
}
