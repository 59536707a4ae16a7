import type { FlagTable, FlagValues } from "@narthex/runtime";

/** What a sub-command is called with. */
export interface Call<F> {
  readonly values: FlagValues<F>;
  /** Names of the flags that the user or a configuration file gave. */
  readonly given: ReadonlySet<string>;
  /** Arguments that are no flags and no command words. */
  readonly operands: readonly string[];
}

/** A command that does something; `Context` is what its program hands to each. */
export interface Command<Context> {
  readonly name: string;
  readonly help: string;
  /** Operands as the usage line shows them: `[<labels>...]`; "" where it takes none. */
  readonly operands: string;
  readonly flags: FlagTable;
  /** Flags that must be given. */
  readonly required: readonly string[];
  /** The exit status. */
  readonly run: (call: Call<FlagTable>, context: Context) => Promise<number>;
}

/** A word with commands under it. */
export interface CommandGroup<Context> {
  readonly name: string;
  readonly help: string;
  /** Flags that each command below takes too. */
  readonly flags?: FlagTable;
  readonly commands: readonly CommandNode<Context>[];
  /** Name of the command that runs where none is named. */
  readonly default?: string;
}

export type CommandNode<Context> = Command<Context> | CommandGroup<Context>;

export const isGroup = <Context>(node: CommandNode<Context>): node is CommandGroup<Context> => "commands" in node;

interface CommandDefinition<F extends FlagTable, Context> {
  readonly name: string;
  readonly help: string;
  readonly operands?: string;
  readonly flags?: F;
  readonly required?: readonly (keyof F & string)[];
  readonly run: (call: Call<F>, context: Context) => Promise<number>;
}

/** Declares a command; its flag values are typed by its table. */
export function defineCommand<Context, F extends FlagTable = FlagTable>(
  definition: CommandDefinition<F, Context>,
): Command<Context> {
  const { name, help, operands = "", flags = {}, required = [], run } = definition;
  return { name, help, operands, flags, required, run: (call, context) => run(call as unknown as Call<F>, context) };
}

/** A command's refusal: printed as `program: error: message`, exit status 1. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
}

/** A refusal after which no blank line is printed, whatever the program does after others. */
export class FatalCommandError extends CommandError {
  override readonly name = "FatalCommandError";
}
