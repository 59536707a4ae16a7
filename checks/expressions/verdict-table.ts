import { readFileSync, writeFileSync } from "node:fs";

/** Growth of an expression's time with the length of the text, in the worst case. */
export interface Verdict {
  /** `linear`, `polynomial N`, `exponential`, or `unknown` if the analysis cannot read the expression. */
  readonly growth: string;
  /**
   * Why an expression that is not linear is harmless: the bound of its text, or why the analysis is wrong; otherwise
   * empty.
   */
  readonly bound: string;
}

const TABLE = new URL("verdicts.tsv", import.meta.url);
const HEAD = "growth\texpression\tbound";

/** Returns the verdicts by expression. Throws if a line of the table has other columns. */
export function readVerdicts(text: string = readFileSync(TABLE, "utf8")): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const [i, line] of text.trimEnd().split("\n").entries()) {
    if (i === 0) continue;
    const [growth, expression, bound = "", ...more] = line.split("\t");
    if (growth === undefined || expression === undefined || more.length > 0)
      throw new Error(`verdicts.tsv:${i + 1}: expected the columns ${HEAD.replaceAll("\t", ", ")}`);
    verdicts.set(expression, { growth, bound });
  }
  return verdicts;
}

/** Writes the verdicts, sorted by expression. */
export function writeVerdicts(verdicts: ReadonlyMap<string, Verdict>): void {
  const rows = [...verdicts].map(([expression, { growth, bound }]) =>
    [growth, expression, ...(bound === "" ? [] : [bound])].join("\t"),
  );
  const byExpression = (a: string, b: string): number => (a.split("\t")[1]! < b.split("\t")[1]! ? -1 : 1);
  writeFileSync(TABLE, `${[HEAD, ...rows.toSorted(byExpression)].join("\n")}\n`);
}
