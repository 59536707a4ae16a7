import { splitWords } from "../../service/unit-file.ts";
import { CommandError } from "../../command-line/command.ts";
import { QuoteError, quotedWords } from "./quoted-words.ts";

/** What a command line of a unit is filled in with. */
interface ExpansionContext {
  readonly env: Readonly<Record<string, string>>;
  /** The unit's name, with its ending. */
  readonly unit: string;
  /** `FILE:LINE`, for what is wrong. */
  readonly place: string;
}

/** A command line as systemd starts it. */
export interface UnitCommand {
  readonly program: string;
  readonly words: readonly string[];
  /** Variables that stand in it: they have done their work. */
  readonly used: ReadonlySet<string>;
}

/** The folders that specifiers stand for in units of the system. */
const FOLDERS: Readonly<Record<string, string>> = {
  S: "/var/lib",
  C: "/var/cache",
  L: "/var/log",
  E: "/etc",
  t: "/run",
};

/** Program and arguments of an ExecStart=, with specifiers and variables filled in. Throws CommandError. */
export function unitCommand(line: string, context: ExpansionContext): UnitCommand {
  const used = new Set<string>();
  const [program = "", ...rest] = splitWords(line).map((word) => withSpecifiers(word, context));
  const words = rest.flatMap((word) => withVariables(word, context, used));
  const path = program.replace(/^[@:+!|-]+/, "");
  // `@` before the path: the next word is the name that the program is called by.
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
      `${place}: only systemd knows what the specifier ${whole} stands for; write its value into ExecStart=`,
    );
  });
}

/** Variables that systemd sets itself when it starts a unit; any other that nobody sets is empty. */
const BY_SYSTEMD =
  /^(?:(?:STATE|CACHE|LOGS|CONFIGURATION|RUNTIME|CREDENTIALS)_DIRECTORY|HOME|USER|LOGNAME|SHELL|PATH|LANG|MAINPID|INVOCATION_ID|JOURNAL_STREAM|LISTEN_(?:FDS|PID|FDNAMES)|NOTIFY_SOCKET|WATCHDOG_(?:PID|USEC))$/;

/** A word that is a variable alone becomes as many as its value has; within others a value stays as it is. */
function withVariables(word: string, { env, place }: ExpansionContext, used: Set<string>): readonly string[] {
  const take = (name: string): string => {
    used.add(name);
    if (env[name] === undefined && BY_SYSTEMD.test(name))
      throw new CommandError(
        `${place}: only systemd knows what \${${name}} stands for; write its value into ExecStart=`,
      );
    return env[name] ?? "";
  };
  const alone = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
  if (alone !== undefined) return quotedWords(take(alone), "everywhere");
  return [
    word.replace(/\$(?:\$|\{([A-Za-z_]\w*)\})/g, (_, name: string | undefined) =>
      name === undefined ? "$" : take(name),
    ),
  ];
}

const SHELLS = /(?:^|\/)(?:ba|da|z|k)?sh$/;

/** What a shell starts that does nothing else. Throws CommandError for a script. */
function unwrapped(command: UnitCommand, place: string): UnitCommand {
  const [option, script] = command.words;
  if (!SHELLS.test(command.program) || option !== "-c" || script === undefined) return command;
  if (/[|&;<>()`$\n*?]/.test(script))
    throw new CommandError(
      `${place}: the command line is a script of a shell, which is not run to see what it starts; write the program and its flags into ExecStart= of a copy, and name that with --from-unit`,
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
