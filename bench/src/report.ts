import { median } from "./calibration.ts";

/**
 * One figure of a benchmark: repeated measurements of this project's program and, if one exists, of the program that it
 * replaces. Both programs are measured in the same run.
 */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly ours: readonly number[];
  readonly peer: readonly number[];
  /** Measurements of this project's program in another checkout. */
  readonly before?: readonly number[] | undefined;
  /**
   * Measurements of VictoriaMetrics; if the figure is a ratio, VictoriaMetrics' ratio to the program that ours
   * replaces.
   */
  readonly victoria?: readonly number[] | undefined;
}

export interface CaseResult {
  /** Versions and flags of the compared programs. */
  readonly setting: string;
  readonly figures: readonly Figure[];
}

export interface BenchCase {
  readonly name: string;
  /** Runs the benchmark only if its name is given, because it takes half an hour or more. */
  readonly byName?: true;
  /** Default number of rounds; absent if the number is not configurable. */
  readonly usualRounds?: number;
  readonly run: () => Promise<CaseResult>;
}

/** Prints medians, all raw values and the ratio ours / peer. */
export function printResult(name: string, result: CaseResult): void {
  process.stdout.write(`\n## ${name}\n${result.setting}\n`);
  for (const { what, unit, better, ours, before = [], peer, victoria = [] } of result.figures) {
    // Prints no ratio if the peer's median is 0, as for numbers of late scrapes.
    const quotient = median(peer) === 0 ? "–" : (median(ours) / median(peer)).toFixed(2);
    const ratio = peer.length === 0 ? "" : ` | ratio ${quotient} (${better} is better)`;
    const theirs = peer.length === 0 ? "" : ` | peer ${show(peer)}`;
    const earlier =
      before.length === 0 ? "" : ` | before ${show(before)}, ratio ${(median(ours) / median(before)).toFixed(2)}`;
    const other = victoria.length === 0 ? "" : ` | VictoriaMetrics ${show(victoria)}`;
    process.stdout.write(`- ${withUnit(what, unit)}: ours ${show(ours)}${earlier}${theirs}${ratio}${other}\n`);
  }
}

/** Prints all figures of a run as one table: medians, lowest and highest, and ratios to the peer. */
export function printTable(results: readonly (readonly [name: string, result: CaseResult])[]): void {
  const rows = results.flatMap(([name, { figures }]) => figures.map((figure) => [name, ...tableCells(figure)]));
  const all = [["case", ...TABLE_HEAD], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  for (const row of all) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd()}\n`,
    );
  }
}

/** Returns the name of a figure with its unit. A count has no unit. */
const withUnit = (what: string, unit: string): string => (unit === "" ? what : `${what}, ${unit}`);

export const TABLE_HEAD = ["figure", "ours", "the original", "ratio", "VictoriaMetrics"] as const;

/**
 * Returns the cells of a figure below TABLE_HEAD: medians, with the lowest and the highest value if there are several.
 */
export function tableCells({ what, unit, better, ours, peer, victoria = [] }: Figure): readonly string[] {
  const ratio = (values: readonly number[]): string =>
    values.length === 0 || median(peer) === 0 ? "" : (median(values) / median(peer)).toFixed(2);
  const direction = better === "higher" ? " (more is better)" : "";
  return [
    `${withUnit(what, unit)}${direction}`,
    spread(ours),
    spread(peer),
    peer.length === 0 ? "" : ratio(ours),
    spread(victoria),
  ];
}

/** Returns the median, with the lowest and the highest value if there are several; "" for no values. */
function spread(values: readonly number[]): string {
  if (values.length === 0) return "";
  const middle = digits(median(values));
  return values.length === 1 ? middle : `${middle} (${digits(Math.min(...values))} to ${digits(Math.max(...values))})`;
}

const show = (values: readonly number[]): string => `${digits(median(values))} [${values.map(digits).join(" ")}]`;

const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));
