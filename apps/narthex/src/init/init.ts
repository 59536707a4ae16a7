import { delimiter, dirname, join, relative, resolve } from "node:path";
import { helpText, type Host, parseFlags, type ParsedFlags } from "@narthex/runtime";
import { CommandError } from "../command-line/command.ts";
import { shellCommand } from "../service/shell-words.ts";
import { offsetProblem } from "../up/address-problem.ts";
import { starterFolder } from "../up/starter-config.ts";
import { versionLine } from "../version-line.ts";
import { problemsOf } from "./check-files.ts";
import { flags } from "./flags.ts";
import { newFiles } from "./new-files.ts";
import { collectAnswers } from "./questions.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import { existingFiles, writeFiles, type WrittenFile } from "./write-files.ts";

/** Default name of the folder. */
export const DEFAULT_FOLDER = "narthex-config";

const ABOUT =
  "Writes a configuration with explanations into a folder (default: narthex-config), for narthex up --config-dir=FOLDER. On a terminal it asks for all settings without a flag. Existing files are not changed.";

const ELSEWHERE = "narthex init FOLDER";

/** Replacements for real objects in tests. */
interface InitOptions {
  /** Terminal of the user; undefined if input is not a terminal. */
  readonly terminal?: Terminal | undefined;
}

/** Runs `narthex init [FOLDER]`. Resolves with 0 if all files are written, 1 if none is. */
export async function runInit(host: Host, options: InitOptions = {}): Promise<number> {
  const outcome = parseFlags(flags, host.args, { operands: true });
  if (outcome.kind === "help" || outcome.kind === "version") {
    const help = (): string => helpText("narthex init", ABOUT, flags).replace(/\[<flags>\]/, "[<flags>] [FOLDER]");
    host.stdout(outcome.kind === "version" ? versionLine() : help());
    return 0;
  }
  if (outcome.kind === "error") {
    const { message, suggestion } = outcome;
    host.stderr(`narthex init: error: ${message}, try --help\n${suggestion === undefined ? "" : `${suggestion}\n`}`);
    return 1;
  }
  let terminal: Terminal | undefined;
  try {
    if (!outcome.flags.values.yes) terminal = "terminal" in options ? options.terminal : processTerminal();
    await writeConfiguration(host, outcome.flags, terminal);
    return 0;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    host.stderr(`narthex init: error: ${error.message}\n`);
    return 1;
  } finally {
    terminal?.close();
  }
}

const processTerminal = (): Terminal | undefined =>
  process.stdin.isTTY && process.stdout.isTTY ? openTerminal(process.stdin, process.stdout) : undefined;

async function writeConfiguration(
  host: Host,
  { values, given, operands }: ParsedFlags<typeof flags>,
  terminal: Terminal | undefined,
): Promise<void> {
  if (operands.length > 1) throw new CommandError(`only one folder can be written: unexpected ${operands[1]!}`);
  const folder = resolve(host.cwd, operands[0] ?? DEFAULT_FOLDER);
  const problem = offsetProblem(values["port-offset"]);
  if (problem !== undefined) throw new CommandError(problem);
  // Looks for existing files before asking questions, so that the user does not answer them in vain.
  const known = ["prometheus.yml", "alertmanager.yml"].map((path) => ({ path, text: "", isSecret: false }));
  if (!values.force && existingFiles(folder, known).length > 0)
    writeFiles(folder, known, { force: false, elsewhere: ELSEWHERE });
  const answers = await collectAnswers({ values, given, cwd: host.cwd, terminal });
  const files = newFiles(answers, folder, starterFolder(host.env));
  const problems = await problemsOf(folder, files, host);
  if (problems.length > 0)
    throw new CommandError(`nothing was written, because the checks found problems:\n  ${problems.join("\n  ")}`);
  const written = writeFiles(folder, files, { force: values.force, elsewhere: ELSEWHERE });
  host.stdout(reportOf(host, folder, written, values["port-offset"]));
}

/** Returns the shell word that starts this program: its name if it is in PATH, otherwise its full path. */
function programWord({ NARTHEX_LAUNCHER: launcher = "", PATH = "" }: Host["env"]): string {
  return launcher === "" || PATH.split(delimiter).includes(dirname(launcher)) ? "narthex" : launcher;
}

function reportOf({ cwd, env }: Host, folder: string, written: readonly WrittenFile[], portOffset: number): string {
  const name = relative(cwd, folder).startsWith("..") ? folder : relative(cwd, folder) || ".";
  const lines = written.map(
    ({ path, keptAs }) =>
      `  ${join(name, relative(folder, path))}${keptAs === undefined ? "" : ` (what was there: ${join(name, relative(folder, keptAs))})`}`,
  );
  const program = programWord(env);
  const offset = portOffset === 0 ? "" : ` --port-offset=${portOffset}`;
  return [
    "Written, and checked:",
    ...lines,
    "",
    "Next:",
    `  ${shellCommand([program, "up", `--config-dir=${name}`])}${offset}`,
    `  ${shellCommand([program, "doctor", `--config-dir=${name}`])}${offset}`,
    "",
    "",
  ].join("\n");
}
