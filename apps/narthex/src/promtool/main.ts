import type { Host } from "@narthex/runtime";
import { CommandError } from "../command-line/command.ts";
import { runProgram } from "../command-line/run-program.ts";
import { readFeatures } from "./features.ts";
import { promtoolRoot } from "./root.ts";

/** Replacements for real objects in tests. */
export interface PromtoolOptions {
  readonly stdin?: () => Promise<Uint8Array>;
}

/** Runs `narthex promtool …` with promtool's commands, output and exit statuses. Resolves with the exit status. */
export async function runPromtool(host: Host, options: PromtoolOptions = {}): Promise<number> {
  const words = commandWords(host.args);
  // `promtool check` loads only its own modules. The other commands are loaded only if the help text must list them.
  const alone = words[0] === "check" && words.length > 1;
  const root = alone
    ? promtoolRoot([(await import("./check-commands.ts")).checkCommands])
    : (await import("./registry.ts")).promtoolCommands;
  return runProgram(host, {
    program: "promtool",
    root,
    open: async (call) => {
      const { features, unknown } = readFeatures(call.values["enable-feature"] as readonly string[]);
      for (const feature of unknown) {
        host.stdout(`  WARNING: Unknown feature passed to --enable-feature: ${feature}`);
      }
      if (words[0] === "promql" && call.values["experimental"] !== true) {
        throw new CommandError("this command is experimental and requires the --experimental flag to be set.");
      }
      return { call, context: { host, features, stdin: options.stdin ?? readStdin } };
    },
  });
}

/** Returns the arguments that are not flags, in order; the first ones name the command. */
const commandWords = (args: readonly string[]): string[] =>
  args.filter((word, i) => !word.startsWith("-") && args[i - 1] !== "--enable-feature");

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
