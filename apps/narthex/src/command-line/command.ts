import type { FlagTable, FlagValues } from "@narthex/runtime";

export interface Call<F> {
  readonly values: FlagValues<F>;
  /** Names of the flags that the user or a configuration file set. */
  readonly given: ReadonlySet<string>;
  /** Arguments that are neither flags nor command words. */
  readonly operands: readonly string[];
  /** Warnings about given flags that have no effect in this build. */
  readonly warnings: readonly string[];
}

/** A command that can run. The program passes a `Context` to it. */
export interface Command<Context> {
  readonly name: string;
  readonly help: string;
  /** Operands as in the usage line, such as `[<labels>...]`; may be empty. */
  readonly operands: string;
  readonly flags: FlagTable;
  readonly required: readonly string[];
  readonly run: (call: Call<FlagTable>, context: Context) => Promise<number>;
}

export interface CommandGroup<Context> {
  readonly name: string;
  readonly help: string;
  /** Flags that every sub-command also accepts. */
  readonly flags?: FlagTable;
  readonly commands: readonly CommandNode<Context>[];
  /** Name of the sub-command that runs if the arguments name none. */
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

/** Defines a command. The types of its flag values follow from its flag table. */
export function defineCommand<Context, F extends FlagTable = FlagTable>(
  definition: CommandDefinition<F, Context>,
): Command<Context> {
  const { name, help, operands = "", flags = {}, required = [], run } = definition;
  return { name, help, operands, flags, required, run: (call, context) => run(call as unknown as Call<F>, context) };
}

/** Error of a command. The program prints `program: error: message` and exits with status 1. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
}

/**
 * Error that is printed without a blank line after it. Programs with `compact` output print this blank line after other
 * errors.
 */
export class FatalCommandError extends CommandError {
  override readonly name = "FatalCommandError";
}
