import type { FlagTable, FlagValues } from "@narthex/runtime";

/** Arguments of a sub-command. */
export interface Call<F> {
  readonly values: FlagValues<F>;
  /** Names of the flags that the user or a configuration file set. */
  readonly given: ReadonlySet<string>;
  /** Arguments that are neither flags nor command words. */
  readonly operands: readonly string[];
}

/** A command that runs; its program hands a `Context` to each of its commands. */
export interface Command<Context> {
  readonly name: string;
  readonly help: string;
  /** Operands in the form of the usage line, such as `[<labels>...]`; "" if there are none. */
  readonly operands: string;
  readonly flags: FlagTable;
  /** Names of required flags. */
  readonly required: readonly string[];
  /** Runs the command. Resolves with the exit status. */
  readonly run: (call: Call<FlagTable>, context: Context) => Promise<number>;
}

/** A word with sub-commands. */
export interface CommandGroup<Context> {
  readonly name: string;
  readonly help: string;
  /** Flags that each sub-command takes too. */
  readonly flags?: FlagTable;
  readonly commands: readonly CommandNode<Context>[];
  /** Name of the command that runs if none is named. */
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

/** A failed command: printed as `program: error: message`, exit status 1. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
}

/** An error that is printed without a blank line after it, even if the program prints one after other errors. */
export class FatalCommandError extends CommandError {
  override readonly name = "FatalCommandError";
}
