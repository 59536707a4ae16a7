import { type FlagTable, helpText } from "@narthex/runtime";
import type { Command } from "./command.ts";

const ABOUT = "Tooling for the Prometheus monitoring system.";

/** The list of all commands. */
export function programHelp(commands: readonly Command[]): string {
  const lines = ["usage: promtool [<flags>] <command> [<args> ...]", "", ABOUT, "", "Commands:"];
  for (const command of commands) lines.push(...entry(usageOf(command), command.help));
  lines.push(
    "",
    "Flags:",
    "  -h, --help",
    "      --version",
    "      --[no-]experimental",
    "      --enable-feature= ...",
  );
  return `${lines.join("\n")}\n`;
}

/** One command's flags and arguments. */
export function commandHelp(command: Command, table: FlagTable): string {
  const program = `promtool ${command.words.join(" ")}`;
  const text = helpText(program, command.help, table).replace("[<flags>]", usageTail(command));
  if (command.operands.length === 0) return text;
  const operands = command.operands.flatMap(({ name, help, required }) =>
    entry(required ? `<${name}>` : `[<${name}>]`, help),
  );
  return `${text}\nArgs:\n${operands.join("\n")}\n`;
}

const usageOf = (command: Command): string => `${command.words.join(" ")} ${usageTail(command)}`;

function usageTail({ operands }: Command): string {
  const words = operands.map(({ name, required, many }) => {
    const word = `<${name}>${many === true ? "..." : ""}`;
    return required ? word : `[${word}]`;
  });
  return ["[<flags>]", ...words].join(" ");
}

const entry = (head: string, sentence: string): string[] => [`  ${head}`, `    ${sentence}`];
