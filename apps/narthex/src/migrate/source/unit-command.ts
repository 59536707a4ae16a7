import { CommandError } from "../../command-line/command.ts";
import { QuoteError, quotedWords } from "../../service/quoted-words.ts";

/** Values that are inserted into a unit's command line. */
interface ExpansionContext {
  readonly env: Readonly<Record<string, string>>;
  /** Name of the unit with its suffix, such as `prometheus.service`. */
  readonly unit: string;
  /** Position of the command line in the unit file, `FILE:LINE`, for error messages. */
  readonly place: string;
}

/** The command line that systemd runs for a unit. */
export interface UnitCommand {
  readonly program: string;
  readonly words: readonly string[];
  /**
   * Names of the environment variables whose values were inserted into the command line. The server does not need them
   * in its environment.
   */
  readonly used: ReadonlySet<string>;
}

/** Folder with which systemd replaces each specifier, such as `%S`, in system units. */
const FOLDERS: Readonly<Record<string, string>> = {
  S: "/var/lib",
  C: "/var/cache",
  L: "/var/log",
  E: "/etc",
  t: "/run",
};

/** Returns program and arguments of an ExecStart=, with specifiers and variables replaced. Throws CommandError. */
export function unitCommand(line: string, context: ExpansionContext): UnitCommand {
  const used = new Set<string>();
  const [program = "", ...rest] = quotedWords(line, "unit").map((word) => withSpecifiers(word, context));
  const words = rest.flatMap((word) => withVariables(word, context, used));
  const path = program.replace(/^[@:+!|-]+/, "");
  // Skips the word after a program path that begins with `@`. This word is the program's name (argv[0]) and not an
  // argument.
  const args = /^[:+!|-]*@/.test(program) ? words.slice(1) : words;
  return unwrapped({ program: path, words: args, used }, context.place);
}

function withSpecifiers(word: string, { unit, place }: ExpansionContext): string {
  const stem = unit.replace(/\.service$/, "");
  const [prefix, instance = ""] = stem.split(/@(.*)/s);
  const own: Readonly<Record<string, string>> = { n: unit, N: stem, p: prefix!, i: instance, I: instance, "%": "%" };
  return word.replace(/%([a-zA-Z%])/g, (whole, letter: string) => {
    const value = own[letter] ?? FOLDERS[letter];
    if (value !== undefined) return value;
    throw new CommandError(
      `${place}: the value of the specifier ${whole} is known only to systemd; write the value into ExecStart=`,
    );
  });
}

/** Variables that systemd itself sets when it starts a unit. Other variables that are not set are empty. */
const BY_SYSTEMD =
  /^(?:(?:STATE|CACHE|LOGS|CONFIGURATION|RUNTIME|CREDENTIALS)_DIRECTORY|HOME|USER|LOGNAME|SHELL|PATH|LANG|MAINPID|INVOCATION_ID|JOURNAL_STREAM|LISTEN_(?:FDS|PID|FDNAMES)|NOTIFY_SOCKET|WATCHDOG_(?:PID|USEC))$/;

/**
 * Replaces the variables in a word of a command line. If the word consists only of a variable, the variable's value is
 * split into words. Otherwise the result is one word.
 */
function withVariables(word: string, { env, place }: ExpansionContext, used: Set<string>): readonly string[] {
  const take = (name: string): string => {
    used.add(name);
    if (env[name] === undefined && BY_SYSTEMD.test(name))
      throw new CommandError(
        `${place}: the value of \${${name}} is known only to systemd; write the value into ExecStart=`,
      );
    return env[name] ?? "";
  };
  const alone = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
  if (alone !== undefined) return quotedWords(take(alone), "variable");
  return [
    word.replace(/\$(?:\$|\{([A-Za-z_]\w*)\})/g, (_, name: string | undefined) =>
      name === undefined ? "$" : take(name),
    ),
  ];
}

const SHELLS = /(?:^|\/)(?:ba|da|z|k)?sh$/;

/**
 * If the command is a shell that only starts a program, returns that program's command. Throws CommandError for a
 * script.
 */
function unwrapped(command: UnitCommand, place: string): UnitCommand {
  const [option, script] = command.words;
  if (!SHELLS.test(command.program) || option !== "-c" || script === undefined) return command;
  if (/[|&;<>()`$\n*?]/.test(script))
    throw new CommandError(
      `${place}: the command line is a shell script, which is not analysed; write the program and its flags into ExecStart= of a copy, and name the copy with --from-unit`,
    );
  const [first, ...others] = shellWords(script, place);
  const [program = "", ...words] = first === "exec" ? others : [first ?? "", ...others];
  return { ...command, program, words };
}

function shellWords(script: string, place: string): readonly string[] {
  try {
    return quotedWords(script, "shell");
  } catch (error) {
    if (!(error instanceof QuoteError)) throw error;
    throw new CommandError(`${place}: ${error.message} in the command line of the shell; close it`, { cause: error });
  }
}
