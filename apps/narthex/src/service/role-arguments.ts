import type { Host } from "@narthex/runtime";

/**
 * Arguments of a server that runs as a service. The class only finds paths and addresses; the server itself validates
 * the arguments.
 */
export class RoleArguments {
  readonly words: readonly string[];

  constructor(words: readonly string[]) {
    this.words = words;
  }

  /**
   * Returns the values of a flag in order. Recognises the notations `--flag=value`, `--flag value` and `-flag=value`.
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
   * Returns the flags that are missing in `next` and that `given` does not set to another value. Each flag is returned with
   * its value as written.
   */
  droppedBy(next: RoleArguments, given: RoleArguments): readonly string[] {
    const stay = new Set(next.#flags().map(({ text }) => text));
    const anew = new Set(given.#flags().map(({ name }) => name));
    return this.#flags()
      .filter(({ name, text }) => !stay.has(text) && !anew.has(name))
      .map(({ text }) => text);
  }

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

  /**
   * Returns the arguments with the default flags added in front. Defaults are `--flag=value` words. A default is left
   * out if its flag is already given.
   */
  withDefaults(defaults: readonly string[]): RoleArguments {
    const missing = defaults.filter((word) => this.value(/^--([^=]*)/.exec(word)![1]!) === undefined);
    return new RoleArguments([...missing, ...this.words]);
  }
}

/** Removes quotes around a flag's value. Unit files often contain such quotes, and the programs accept them. */
export const unquoted = (value: string): string => /^"([^"]*)"$/.exec(value)?.[1] ?? value;

/** Returns the words after the server's name in the command line of its service. Empty if the name is missing. */
export function argumentsBehind(words: readonly string[], names: readonly string[]): readonly string[] {
  const at = words.findIndex((word, i) => i > 0 && names.includes(word));
  return at === -1 ? [] : words.slice(at + 1);
}

/** The result of checking a server's arguments: valid, refused with a message, or a request for help. */
export interface ArgumentsAnswer {
  readonly kind: "good" | "refused" | "help";
  readonly text: string;
}

/** Lets the server check its arguments without starting. */
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
  // A server prints output only for arguments such as --help and --version.
  return output === "" ? { kind: "good", text: "" } : { kind: "help", text: output };
}

/** Removes a trailing backslash word, which remains if the last line in a file was continued. */
export const withoutContinuation = (words: readonly string[]): readonly string[] =>
  words.at(-1) === "\\" ? words.slice(0, -1) : words;
