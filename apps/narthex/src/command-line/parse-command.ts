import { type FlagTable, parseFlags } from "@narthex/runtime";
import { type Call, type Command, type CommandGroup, type CommandNode, isGroup } from "./command.ts";

export type CommandOutcome<Context> =
  | {
      readonly kind: "run";
      readonly command: Command<Context>;
      readonly call: Call<FlagTable>;
      readonly table: FlagTable;
    }
  | { readonly kind: "help"; readonly path: readonly CommandNode<Context>[] }
  | { readonly kind: "version" }
  | { readonly kind: "error"; readonly message: string; readonly suggestion: string | undefined };

interface Walk<Context> {
  readonly path: CommandNode<Context>[];
  readonly table: FlagTable;
  /** Indexes of the arguments that are command words. */
  readonly words: ReadonlySet<number>;
  readonly refused: string | undefined;
}

/**
 * Parses arguments with a tree of commands. Flags may be before, between and after the command words. A command's flags
 * are known only after its word.
 */
export function parseCommand<Context>(root: CommandGroup<Context>, args: readonly string[]): CommandOutcome<Context> {
  if (args[0] === "help") return helpFor(root, args.slice(1));
  const walk = findCommand(root, args);
  const rest = args.filter((_, i) => !walk.words.has(i));
  const parsed = parseFlags(walk.table, rest, { operands: true });
  if (parsed.kind === "help") return { kind: "help", path: walk.path };
  if (parsed.kind === "version" || parsed.kind === "error") return parsed;
  const command = walk.path.at(-1)!;
  if (walk.refused !== undefined) return refusal(walk.refused);
  if (isGroup(command)) {
    if (walk.path.length === 1) return { kind: "help", path: walk.path };
    const name = walk.path
      .slice(1)
      .map((node) => node.name)
      .join(" ");
    return refusal(`must select a subcommand of '${name}'`);
  }
  const { values, given, operands, warnings } = parsed.flags;
  if (command.operands === "" && operands.length > 0) return refusal(`unexpected ${operands[0]!}`);
  return { kind: "run", command, call: { values, given, operands, warnings }, table: walk.table };
}

const refusal = (message: string) => ({ kind: "error", message, suggestion: undefined }) as const;

/** Returns the help for the command that follows the word `help`, such as `help silence add`. */
function helpFor<Context>(root: CommandGroup<Context>, names: readonly string[]): CommandOutcome<Context> {
  const path: CommandNode<Context>[] = [root];
  for (const name of names) {
    const node = path.at(-1)!;
    const next = isGroup(node) ? node.commands.find((child) => child.name === name) : undefined;
    if (next === undefined) return refusal(`expected command but got ${JSON.stringify(name)}`);
    path.push(next);
  }
  return { kind: "help", path };
}

function findCommand<Context>(root: CommandGroup<Context>, args: readonly string[]): Walk<Context> {
  const path: CommandNode<Context>[] = [root];
  const words = new Set<number>();
  let table: FlagTable = root.flags ?? {};
  let refused: string | undefined;
  const enter = (node: CommandNode<Context>): void => {
    path.push(node);
    table = { ...table, ...node.flags };
  };
  const enterDefault = (): boolean => {
    const group = path.at(-1)!;
    const node = isGroup(group) ? group.commands.find(({ name }) => name === group.default) : undefined;
    if (node !== undefined) enter(node);
    return node !== undefined;
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    const group = path.at(-1)!;
    if (!isGroup(group) || word === "--") break;
    if (word.startsWith("-") && word.length > 1) {
      // Selects the default command if only this command has the flag.
      while (flagWidth(table, word) === undefined && enterDefault());
      i += (flagWidth(table, word) ?? 1) - 1;
      continue;
    }
    const next = group.commands.find(({ name }) => name === word);
    if (next !== undefined) {
      enter(next);
      words.add(i);
    } else if (enterDefault()) i--;
    else {
      refused = `expected command but got ${JSON.stringify(word)}`;
      break;
    }
  }
  if (refused === undefined && !args.some((word) => /^(?:-h|--help(?:-long|-man)?)$/.test(word)))
    while (enterDefault());
  return { path, table, words, refused };
}

const STANDARD = /^(?:-h|--(?:no-)?(?:help|help-long|help-man|version))$/;

/**
 * Returns the number of arguments that a flag takes, including the flag itself. Undefined if the table does not contain
 * the flag.
 */
function flagWidth(table: FlagTable, word: string): 1 | 2 | undefined {
  if (STANDARD.test(word)) return 1;
  if (!word.startsWith("--")) {
    const flag = Object.values(table).find(({ short }) => short === word[1]);
    if (flag === undefined) return undefined;
    return flag.boolean || word.length > 2 ? 1 : 2;
  }
  const name = word.slice(2).split("=")[0]!;
  const flag = Object.hasOwn(table, name) ? table[name] : undefined;
  if (flag !== undefined) return flag.boolean || word.includes("=") ? 1 : 2;
  const positive = name.replace(/^no-/, "");
  return Object.hasOwn(table, positive) && table[positive]!.boolean ? 1 : undefined;
}
