import { readFileSync, writeFileSync } from "node:fs";

/** Worst-case running time of a regular expression, as a function of the text length. */
export interface Verdict {
  /** `linear`, `polynomial N`, `exponential`, or `unknown` if the analysis cannot read the expression. */
  readonly growth: string;
  /**
   * Reason why an expression that is not linear is harmless: a length limit of the text, or an error of the analysis.
   * Otherwise empty.
   */
  readonly bound: string;
}

const TABLE = new URL("verdicts.tsv", import.meta.url);
const HEAD = "growth\texpression\tbound";

/** Reads the verdicts by expression. Throws if a line has the wrong number of columns. */
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
