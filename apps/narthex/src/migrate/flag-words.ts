import type { FlagTable } from "@narthex/runtime";

/** A flag of a command line with its value, or a word that is none. */
export interface FlagWord {
  /** Without dashes and without `no-`; "" for a word that is no flag. */
  readonly name: string;
  /** Undefined for a flag that takes none. */
  readonly value: string | undefined;
  /** As it was written. */
  readonly words: readonly string[];
}

/** The flags of a command line, written in any of the ways that programs take: `--flag=value`, `--flag value`, `-flag=value`. */
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
    // Of a flag that is not known, what follows is its value where it is no flag itself.
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

/** A value without the quotes that unit files leave around it. */
export const bareValue = (value: string): string => /^"([^"]*)"$/.exec(value)?.[1] ?? value;
