import { QueryFailure } from "./query-failure.ts";

/** Largest length in characters of a query after the replacement of its macros. */
const MAX_LENGTH = 4 * 1024 * 1024;

/** Counts the characters that macros write into a query. */
export class QueryGrowth {
  #written = 0;

  /** Counts a text and returns it. Throws QueryFailure if the macros of the query write too many characters. */
  write(text: string): string {
    this.#written += text.length;
    if (this.#written > MAX_LENGTH)
      throw new QueryFailure(
        400,
        `the macros of the query write more than ${MAX_LENGTH} characters; write fewer macros or shorter filters`,
      );
    return text;
  }
}

/** Replaces macros as `replaceAll` does. Throws QueryFailure if they write too many characters. */
export function replaceMacros(
  text: string,
  macros: RegExp,
  replacement: (macro: string, ...groups: readonly string[]) => string,
): string {
  const growth = new QueryGrowth();
  return text.replaceAll(macros, (macro: string, ...groups: readonly string[]) =>
    growth.write(replacement(macro, ...groups)),
  );
}
