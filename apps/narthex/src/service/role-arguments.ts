import type { Host } from "@narthex/runtime";

/** Arguments of a role's service. This class only finds paths and addresses in them; the role itself validates them. */
export class RoleArguments {
  readonly words: readonly string[];

  constructor(words: readonly string[]) {
    this.words = words;
  }

  /**
   * Returns the values of a flag in order. All notations of the roles are recognised: `--flag=value`, `--flag value`,
   * `-flag=value`.
   */
  values(name: string): readonly string[] {
    return this.words.flatMap((word, i) => {
      const bare = word.replace(/^--?/, "");
      if (bare === word) return [];
      if (bare === name) return this.words.slice(i + 1, i + 2);
      return bare.startsWith(`${name}=`) ? [unquoted(bare.slice(name.length + 1))] : [];
    });
  }

  /** Returns the last value of a flag. Undefined if the flag is not given. */
  value(name: string): string | undefined {
    return this.values(name).at(-1);
  }

  /**
   * Returns the flags that are neither in `next` nor set to another value in `given`, each with its value as it was
   * written.
   */
  droppedBy(next: RoleArguments, given: RoleArguments): readonly string[] {
    const stay = new Set(next.#flags().map(({ text }) => text));
    const anew = new Set(given.#flags().map(({ name }) => name));
    return this.#flags()
      .filter(({ name, text }) => !stay.has(text) && !anew.has(name))
      .map(({ text }) => text);
  }

  /** Returns the flags with their names and values. */
  #flags(): readonly { readonly name: string; readonly text: string }[] {
    const flags: { name: string; text: string }[] = [];
    for (let i = 0; i < this.words.length; i++) {
      const word = this.words[i]!;
      const name = word.replace(/^--?/, "").replace(/=.*$/s, "");
      const next = this.words[i + 1];
      const hasNext = /^-[^=]*$/.test(word) && next !== undefined && !/^-|^cfg:/.test(next);
      flags.push({ name, text: hasNext ? `${word}=${next}` : word });
      if (hasNext) i++;
    }
    return flags;
  }

  /** Reports whether a flag whose name has this prefix is given. */
  hasAny(beginning: string): boolean {
    return this.words.some((word) => word.startsWith("-") && word.replace(/^--?/, "").startsWith(beginning));
  }

  /** Returns the value of the last `cfg:section.key=value` argument with this key. */
  setting(key: string): string | undefined {
    const found = this.words.findLast((word) => word.startsWith(`cfg:${key}=`));
    return found?.slice(`cfg:${key}=`.length);
  }

  /** Returns these arguments, preceded by those of the `--flag=value` words in `defaults` whose flags are not given. */
  withDefaults(defaults: readonly string[]): RoleArguments {
    const missing = defaults.filter((word) => this.value(/^--([^=]*)/.exec(word)![1]!) === undefined);
    return new RoleArguments([...missing, ...this.words]);
  }
}

/** Removes quotes around a flag's value. Unit files often pass such quotes to the program, which accepts them. */
export const unquoted = (value: string): string => /^"([^"]*)"$/.exec(value)?.[1] ?? value;

/**
 * Returns the words after a role's name in the command line of its service. Empty if the command line does not contain
 * the name.
 */
export function argumentsBehind(words: readonly string[], names: readonly string[]): readonly string[] {
  const at = words.findIndex((word, i) => i > 0 && names.includes(word));
  return at === -1 ? [] : words.slice(at + 1);
}

/**
 * A role's answer about its arguments: the arguments are good, the role refuses them with a message, or they ask for
 * help.
 */
export interface ArgumentsAnswer {
  readonly kind: "good" | "refused" | "help";
  readonly text: string;
}

/** Lets the role check its arguments without starting it. */
export async function checkArguments(
  main: (host: Host) => Promise<number>,
  host: Host,
  words: readonly string[],
): Promise<ArgumentsAnswer> {
  let output = "";
  let complaint = "";
  const status = await main({
    ...host,
    args: words,
    checksArguments: true,
    stdout: (text) => void (output += text),
    stderr: (text) => void (complaint += text),
  });
  if (status !== 0) return { kind: "refused", text: complaint };
  // A role prints something only for arguments such as --help and --version.
  return output === "" ? { kind: "good", text: "" } : { kind: "help", text: output };
}

/** Removes a single backslash after the last flag, the rest of a continued line. */
export const withoutContinuation = (words: readonly string[]): readonly string[] =>
  words.at(-1) === "\\" ? words.slice(0, -1) : words;
