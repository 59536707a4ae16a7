import { flagKinds } from "@narthex/runtime";
import { expect, test } from "vitest";
import { type CommandGroup, defineCommand } from "./command.ts";
import { commandRows } from "./command-help.ts";
import { parseCommand } from "./parse-command.ts";

const run = async (): Promise<number> => 0;

const root: CommandGroup<undefined> = {
  name: "tool",
  help: "A tool.",
  flags: { url: flagKinds.text("", "Where."), verbose: flagKinds.flag(false, "More.", { short: "v" }) },
  commands: [
    {
      name: "thing",
      help: "Things.",
      default: "list",
      commands: [
        defineCommand<undefined>({
          name: "list",
          help: "List.",
          operands: "[<names>...]",
          flags: { all: flagKinds.flag(false, "All.", { short: "a" }) },
          run,
        }),
        defineCommand<undefined>({ name: "add", help: "Add.", operands: "[<names>...]", run }),
      ],
    },
    { name: "bare", help: "Needs a word.", commands: [defineCommand<undefined>({ name: "go", help: "Go.", run })] },
  ],
};

/** Returns `command [flags] operands` for valid arguments; otherwise the start of the error message or help. */
function summary(...args: string[]): string {
  const outcome = parseCommand(root, args);
  if (outcome.kind === "error") return outcome.message;
  if (outcome.kind === "help") return `help ${outcome.path.map(({ name }) => name).join(" ")}`;
  if (outcome.kind === "version") return "version";
  const { values, operands } = outcome.call;
  return `${outcome.command.name} ${JSON.stringify(values)} ${operands.join(" ")}`;
}

test.each([
  [["thing", "add", "x"], 'add {"url":"","verbose":false} x'],
  [["--url", "add", "thing", "add", "x"], 'add {"url":"add","verbose":false} x'],
  [["thing", "-v", "add", "--url=u", "x", "add"], 'add {"url":"u","verbose":true} x add'],
  [["thing"], 'list {"url":"","verbose":false,"all":false} '],
  [["thing", "x", "add"], 'list {"url":"","verbose":false,"all":false} x add'],
  [["thing", "-a", "x"], 'list {"url":"","verbose":false,"all":true} x'],
  [["thing", "--no-all"], 'list {"url":"","verbose":false,"all":false} '],
  [["thing", "add", "-a"], "unknown short flag '-a'"],
  [["bare"], "must select a subcommand of 'bare'"],
  [["bare", "go", "x"], "unexpected x"],
  [["what"], 'expected command but got "what"'],
  [[], "help tool"],
  [["thing", "--help"], "help tool thing"],
  [["help", "thing", "add"], "help tool thing add"],
  [["thing", "add", "--help"], "help tool thing add"],
  [["--version"], "version"],
])("parseCommand(%j) gives %s", (args, expected) => expect(summary(...args)).toBe(expected));

test("commandRows() lists every command with its flags and operands", () => {
  expect(commandRows(root).map(({ words }) => words)).toEqual([
    "thing list* [<flags>] [<names>...]",
    "thing add [<names>...]",
    "bare go",
  ]);
});
