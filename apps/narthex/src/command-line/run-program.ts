import { type FlagTable, type Host, type Program, buildInfo, versionText } from "@narthex/runtime";
import { type Call, CommandError, type CommandGroup, FatalCommandError } from "./command.ts";
import { commandHelp } from "./command-help.ts";
import { completionOf } from "./completion.ts";
import { parseCommand } from "./parse-command.ts";

interface ProgramOptions<Context> {
  readonly program: Program;
  readonly root: CommandGroup<Context>;
  /**
   * Creates the context that the command receives. May also set flags that the user has not given. Throws CommandError.
   */
  readonly open: (
    call: Call<FlagTable>,
    table: FlagTable,
  ) => Promise<{ readonly call: Call<FlagTable>; readonly context: Context }>;
  readonly close?: (context: Context) => Promise<void>;
  /**
   * Whether the output has amtool's format: --help prints commands as a tree, errors do not mention --help, and a blank
   * line follows each error.
   */
  readonly compact?: boolean;
}

/** Runs the command that the host's arguments name. Resolves with the exit status. */
export async function runProgram<Context>(host: Host, options: ProgramOptions<Context>): Promise<number> {
  const { program, root } = options;
  const completion = completionOf(program, root, host.args);
  if (completion !== undefined) {
    host.stdout(completion);
    return 0;
  }
  const outcome = parseCommand(root, host.args);
  switch (outcome.kind) {
    case "help":
      host.stdout(commandHelp(outcome.path, options.compact));
      return 0;
    case "version":
      host.stdout(versionText(buildInfo(program)));
      return 0;
    case "error": {
      const { message, suggestion } = outcome;
      const hint = suggestion === undefined ? "" : `${suggestion}\n`;
      host.stderr(`${program}: error: ${message}${options.compact === true ? "\n" : ", try --help"}\n${hint}`);
      return 1;
    }
    case "run":
      return runCommand(host, options, outcome);
  }
}

async function runCommand<Context>(
  host: Host,
  { program, open, close, compact = false }: ProgramOptions<Context>,
  { command, call, table }: Extract<ReturnType<typeof parseCommand<Context>>, { kind: "run" }>,
): Promise<number> {
  let context: Context | undefined;
  for (const warning of call.warnings) host.stderr(`${program}: warning: ${warning}\n`);
  try {
    const opened = await open(call, table);
    context = opened.context;
    const missing = command.required.filter((name) => !opened.call.given.has(name)).map((name) => `'--${name}'`);
    if (missing.length > 0) {
      const hint = program === "promtool" ? ", try --help" : "";
      throw new CommandError(`required flag(s) ${missing.join(", ")} not provided${hint}`);
    }
    return await command.run(opened.call, context);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    host.stderr(`${program}: error: ${error.message}\n${compact && !(error instanceof FatalCommandError) ? "\n" : ""}`);
    return 1;
  } finally {
    if (context !== undefined) await close?.(context);
  }
}
