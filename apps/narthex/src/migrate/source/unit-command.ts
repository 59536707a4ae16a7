import { splitWords } from "../../service/unit-file.ts";
import { CommandError } from "../../command-line/command.ts";
import { quotedWords } from "./quoted-words.ts";

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
  const [program = "", ...rest] = splitWords(line).map((word) => withSpecifiers(word, context.unit));
  const words = rest.flatMap((word) => withVariables(word, context.env, used));
  const path = program.replace(/^[@:+!|-]+/, "");
  // `@` before the path: the next word is the name that the program is called by.
  const args = /^[:+!|-]*@/.test(program) ? words.slice(1) : words;
  return unwrapped({ program: path, words: args, used }, context.place);
}

function withSpecifiers(word: string, unit: string): string {
  const stem = unit.replace(/\.service$/, "");
  const [prefix, instance = ""] = stem.split(/@(.*)/s);
  const own: Readonly<Record<string, string>> = { n: unit, N: stem, p: prefix!, i: instance, I: instance, "%": "%" };
  return word.replace(/%([a-zA-Z%])/g, (whole, letter: string) => own[letter] ?? FOLDERS[letter] ?? whole);
}

/** A word that is a variable alone becomes as many as its value has; within others a value stays as it is. */
function withVariables(word: string, env: ExpansionContext["env"], used: Set<string>): readonly string[] {
  const take = (name: string): string => {
    used.add(name);
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
  const [first, ...others] = quotedWords(script, "shell");
  const [program = "", ...words] = first === "exec" ? others : [first ?? "", ...others];
  return { ...command, program, words };
}
