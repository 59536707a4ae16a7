import type { Command } from "./commands.ts";

/** The text of `narthex --help`. */
export function usage(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, help }) => `  ${name.padEnd(width)}  ${help}`);
  return `usage: narthex <command> [<flags>]\n\nCommands:\n${rows.join("\n")}\n\nEach command takes the flags of the program it stands in for; see narthex <command> --help.\n`;
}
