import type { FlagTable, FlagValues, Host } from "@narthex/runtime";

/** An argument without dashes. */
export interface Operand {
  readonly name: string;
  readonly help: string;
  readonly required: boolean;
  /** Takes all that follow. */
  readonly many?: boolean;
  /** Must be the path of something that exists. */
  readonly file?: boolean;
}

/** What a running command has at hand. */
export interface Call<F extends FlagTable> {
  readonly host: Host;
  /** All of standard input. */
  readonly stdin: () => Promise<Uint8Array>;
  readonly flags: FlagValues<F>;
  readonly operands: readonly string[];
}

/** One sub-command of promtool. */
export interface Command {
  /** Its words: `["check", "rules"]`. */
  readonly words: readonly string[];
  readonly help: string;
  readonly flags: FlagTable;
  readonly operands: readonly Operand[];
  /** Exit status: 0 fine, 1 failed, 3 lint problems. */
  readonly run: (call: Call<FlagTable>) => Promise<number>;
}

/** Ties a command's flags to the function that reads them. */
export function defineCommand<F extends FlagTable>(
  command: Omit<Command, "flags" | "run"> & { readonly flags: F; readonly run: (call: Call<F>) => Promise<number> },
): Command {
  return command as unknown as Command;
}
