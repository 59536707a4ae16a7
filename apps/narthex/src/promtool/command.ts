import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { QueryFeatures } from "@narthex/promql";
import type { FlagTable, FlagValues, Host } from "@narthex/runtime";
import { type Command, CommandError } from "../command-line/command.ts";

export interface PromtoolContext {
  readonly host: Host;
  readonly features: QueryFeatures;
  /** Reads all of standard input. */
  readonly stdin: () => Promise<Uint8Array>;
}

export type PromtoolCommand = Command<PromtoolContext>;

/** An operand: an argument that is not a flag. */
interface Operand {
  readonly name: string;
  readonly required: boolean;
  /** Whether the operand takes all remaining arguments. */
  readonly many?: boolean;
  /** Whether the operand must be the path of an existing file or folder. */
  readonly file?: boolean;
}

interface Definition<F extends FlagTable> {
  readonly name: string;
  readonly help: string;
  readonly flags: F;
  readonly required?: readonly (keyof F & string)[];
  readonly operands: readonly Operand[];
  /** Runs the command. Resolves with the exit status: 0 success, 1 failure, 3 lint problems. */
  readonly run: (
    call: PromtoolContext & { readonly flags: FlagValues<F>; readonly operands: readonly string[] },
  ) => Promise<number>;
}

/** Defines a promtool command. Its operands are checked before it runs. */
export function promtoolCommand<F extends FlagTable>(definition: Definition<F>): PromtoolCommand {
  const { name, help, flags, operands, required = [] } = definition;
  return {
    name,
    help,
    flags,
    required,
    operands: operands.map(usageOf).join(" "),
    run(call, context) {
      const problem = operandProblem(operands, call.operands, context.host.cwd);
      if (problem !== undefined) throw new CommandError(`${problem}, try --help`);
      return definition.run({ ...context, flags: call.values as FlagValues<F>, operands: call.operands });
    },
  };
}

function usageOf({ name, required, many }: Operand): string {
  const word = `<${name}>${many === true ? "..." : ""}`;
  return required ? word : `[${word}]`;
}

function operandProblem(expected: readonly Operand[], given: readonly string[], cwd: string): string | undefined {
  for (const [i, operand] of expected.entries()) {
    const own = operand.many === true ? given.slice(i) : given.slice(i, i + 1);
    if (operand.required && own.length === 0) return `required argument '${operand.name}' not provided`;
    const missing = operand.file === true ? own.find((path) => !existsSync(resolve(cwd, path))) : undefined;
    if (missing !== undefined) return `path '${missing}' does not exist`;
  }
  const last = expected.at(-1);
  return last?.many === true || given.length <= expected.length ? undefined : `unexpected ${given[expected.length]!}`;
}
