import type { Host } from "@narthex/runtime";

/**
 * Arguments of a role as its service is to have them. They are read here for the places and addresses they name; whether
 * they are right the role's own parser says.
 */
export class RoleArguments {
  readonly words: readonly string[];

  constructor(words: readonly string[]) {
    this.words = words;
  }

  /** Values of a flag in order, written in any of the ways that roles take: `--flag=value`, `--flag value`, `-flag=value`. */
  values(name: string): readonly string[] {
    return this.words.flatMap((word, i) => {
      const bare = word.replace(/^--?/, "");
      if (bare === word) return [];
      if (bare === name) return this.words.slice(i + 1, i + 2);
      return bare.startsWith(`${name}=`) ? [unquoted(bare.slice(name.length + 1))] : [];
    });
  }

  /** The last value of a flag; undefined where it is not given. */
  value(name: string): string | undefined {
    return this.values(name).at(-1);
  }

  /** Arguments of these that `next` neither has nor gives another value: a flag with its value is one, as it was written. */
  droppedBy(next: RoleArguments, given: RoleArguments): readonly string[] {
    const stay = new Set(next.#flags().map(({ text }) => text));
    const anew = new Set(given.#flags().map(({ name }) => name));
    return this.#flags()
      .filter(({ name, text }) => !stay.has(text) && !anew.has(name))
      .map(({ text }) => text);
  }

  /** Flags with their values, each by its name. */
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

  /** Is a flag given that begins with this? */
  hasAny(beginning: string): boolean {
    return this.words.some((word) => word.startsWith("-") && word.replace(/^--?/, "").startsWith(beginning));
  }

  /** The value of a `cfg:section.key=value` argument, the last one. */
  setting(key: string): string | undefined {
    const found = this.words.findLast((word) => word.startsWith(`cfg:${key}=`));
    return found?.slice(`cfg:${key}=`.length);
  }

  /** These, behind those of the flags of `defaults` that are not given: `--flag=value` each. */
  withDefaults(defaults: readonly string[]): RoleArguments {
    const missing = defaults.filter((word) => this.value(/^--([^=]*)/.exec(word)![1]!) === undefined);
    return new RoleArguments([...missing, ...this.words]);
  }
}

/** Unit files often have quotes around a flag's value that reach the program, which forgives them. */
const unquoted = (value: string): string => /^"([^"]*)"$/.exec(value)?.[1] ?? value;

/** What follows a role's name in the command line of its service; nothing where it is not named. */
export function argumentsBehind(words: readonly string[], names: readonly string[]): readonly string[] {
  const at = words.findIndex((word, i) => i > 0 && names.includes(word));
  return at === -1 ? [] : words.slice(at + 1);
}

/** What a role says of its arguments without starting: its words and whether they are only help that was asked for. */
export interface ArgumentsAnswer {
  readonly kind: "good" | "refused" | "help";
  readonly text: string;
}

/** Has the role itself look at its arguments, without starting it. */
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
  // Only who is asked for help, or a version, has something to say.
  return output === "" ? { kind: "good", text: "" } : { kind: "help", text: output };
}
