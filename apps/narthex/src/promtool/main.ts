import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { buildInfo, flagKinds, type FlagTable, type Host, parseFlags, versionText } from "@narthex/runtime";
import type { Command } from "./command.ts";
import { commandHelp, programHelp } from "./help.ts";
import { promtoolCommands } from "./registry.ts";

/** Flags that stand before or after any command. */
const GLOBAL_FLAGS = {
  experimental: flagKinds.flag(false, "Enable experimental commands."),
  "enable-feature": flagKinds.list([], "Comma separated feature names to enable."),
} satisfies FlagTable;

const FEATURES: ReadonlySet<string> = new Set([
  "promql-experimental-functions",
  "promql-delayed-name-removal",
  "promql-extended-range-selectors",
  "promql-binop-fill-modifiers",
  "promql-duration-expr",
]);

/** What tests replace. */
export interface PromtoolOptions {
  readonly stdin?: () => Promise<Uint8Array>;
}

/** `narthex promtool …`: promtool's commands, output and exit statuses. */
export async function runPromtool(host: Host, options: PromtoolOptions = {}): Promise<number> {
  const refuse = (message: string): number => {
    host.stderr(`promtool: error: ${message}, try --help\n`);
    return 1;
  };
  const words = commandWords(host.args);
  const found = findCommand(words);
  if (typeof found === "string") return answerWithoutCommand(host, found, words, refuse);
  const table = { ...GLOBAL_FLAGS, ...found.flags };
  const outcome = parseFlags(table, host.args, {
    operands: true,
  });
  if (outcome.kind === "help") host.stdout(commandHelp(found, table));
  if (outcome.kind === "version") host.stdout(versionText(buildInfo("promtool")));
  if (outcome.kind === "help" || outcome.kind === "version") return 0;
  if (outcome.kind === "error") return isUnavailable(found) ? runBare(host, found) : refuse(outcome.message);
  const operands = outcome.flags.operands.slice(found.words.length);
  const problem = operandProblem(found, operands, host.cwd);
  if (problem !== undefined) return refuse(problem);
  for (const feature of outcome.flags.values["enable-feature"].flatMap((list) => list.split(","))) {
    if (feature !== "" && !FEATURES.has(feature)) {
      host.stdout(`  WARNING: Unknown feature passed to --enable-feature: ${feature}`);
    }
  }
  if (found.words[0] === "promql" && !outcome.flags.values.experimental) {
    host.stderr("This command is experimental and requires the --experimental flag to be set.\n");
    return 1;
  }
  return found.run({ host, stdin: options.stdin ?? readStdin, flags: outcome.flags.values, operands });
}

const isUnavailable = (command: Command): boolean => command.operands[0]?.name === "args";

const runBare = (host: Host, command: Command): Promise<number> =>
  command.run({ host, stdin: readStdin, flags: {}, operands: [] });

/** The arguments that are no flags, in order; the first of them name the command. */
const commandWords = (args: readonly string[]): string[] =>
  args.filter((word, i) => !word.startsWith("-") && args[i - 1] !== "--enable-feature");

/** The command the words name, or what is wrong with them. */
function findCommand(words: readonly string[]): Command | string {
  let candidates = promtoolCommands;
  for (let depth = 0; ; depth++) {
    const exact = candidates.find((command) => command.words.length === depth);
    if (exact !== undefined) return exact;
    const word = words[depth];
    if (word === undefined) {
      return depth === 0 ? "" : `must select a subcommand of '${words.slice(0, depth).join(" ")}'`;
    }
    const next = candidates.filter((command) => command.words[depth] === word);
    if (next.length === 0) return `expected command but got ${JSON.stringify(word)}`;
    candidates = next;
  }
}

function answerWithoutCommand(
  host: Host,
  problem: string,
  words: readonly string[],
  refuse: (message: string) => number,
): number {
  if (host.args.includes("--version")) {
    host.stdout(versionText(buildInfo("promtool")));
    return 0;
  }
  const unknown = host.args.find((word) => word.startsWith("-") && !/^(?:-h|--help|--(?:no-)?experimental)/.test(word));
  if (unknown !== undefined && !unknown.startsWith("--enable-feature")) {
    return refuse(`unknown long flag '${unknown.split("=")[0]!}'`);
  }
  const help = host.args.includes("--help") || host.args.includes("-h");
  if (!help && problem !== "" && !(words[0] === "help")) return refuse(problem);
  host.stdout(programHelp(promtoolCommands));
  return 0;
}

function operandProblem(command: Command, operands: readonly string[], cwd: string): string | undefined {
  for (const [i, operand] of command.operands.entries()) {
    const given = operand.many === true ? operands.slice(i) : operands.slice(i, i + 1);
    if (operand.required && given.length === 0) return `required argument '${operand.name}' not provided`;
    const missing = operand.file === true ? given.find((path) => !existsSync(resolve(cwd, path))) : undefined;
    if (missing !== undefined) return `path '${missing}' does not exist`;
  }
  const last = command.operands.at(-1);
  if (last?.many === true || operands.length <= command.operands.length) return undefined;
  return `unexpected ${operands[command.operands.length]!}`;
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
