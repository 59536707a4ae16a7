import { type Flag, FlagError } from "@narthex/runtime";

export type Pairs = Readonly<Record<string, string>>;

/**
 * Returns a flag of pairs `key=value` or `key:value`, which may be repeated. The last value of a key counts. The default
 * is used only if the flag is not given.
 */
export const pairsFlag = (fallback: Pairs, help: string): Flag<Pairs> => ({
  default: fallback,
  help,
  boolean: false,
  repeatable: true,
  print: (pairs) =>
    Object.entries(pairs)
      .map((pair) => pair.join("="))
      .join(","),
  read(text, previous) {
    const ends = ["=", ":"].map((sign) => text.indexOf(sign)).filter((at) => at >= 0);
    if (ends.length === 0) throw new FlagError(`expected KEY=VALUE got '${text}'`);
    const at = Math.min(...ends);
    return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
  },
});
