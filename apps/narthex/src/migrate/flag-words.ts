import type { FlagTable } from "@narthex/runtime";

/** A part of a command line: a flag with its value, or a word that is not a flag. */
export interface FlagWord {
  /** Name without dashes and without `no-`; "" for a word that is not a flag. */
  readonly name: string;
  /** Value of the flag. Undefined for a flag without a value. */
  readonly value: string | undefined;
  /** The command-line words of the flag: one word for `--flag=value`, two for `--flag value`. */
  readonly words: readonly string[];
}

/**
 * Parses the flags of a command line in all forms that the programs accept: `--flag=value`, `--flag value`,
 * `-flag=value`.
 */
export function flagWords(words: readonly string[], table: FlagTable): readonly FlagWord[] {
  const found: FlagWord[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const [, written, value] = /^--?([A-Za-z][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (written === undefined) {
      found.push({ name: "", value: undefined, words: [word] });
      continue;
    }
    const isNegative = !Object.hasOwn(table, written) && written.startsWith("no-");
    const name = isNegative ? written.slice("no-".length) : written;
    const next = words[i + 1];
    const known = Object.hasOwn(table, name) ? table[name] : undefined;
    // After an unknown flag, the next word is taken as its value, unless that word is a flag itself.
    const takesNext =
      known === undefined ? next !== undefined && !/^-|^cfg:/.test(next) : !known.boolean && next !== undefined;
    if (value !== undefined || isNegative || !takesNext) found.push({ name, value, words: [word] });
    else {
      found.push({ name, value: next, words: [word, next!] });
      i++;
    }
  }
  return found;
}
