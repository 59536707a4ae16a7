import { median } from "./calibration.ts";

/** One figure of a case: repeated measurements of ours, and of the peer in the same run where there is one. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly ours: readonly number[];
  readonly peer: readonly number[];
}

export interface CaseResult {
  /** Versions and flags of both sides. */
  readonly setting: string;
  readonly figures: readonly Figure[];
}

export interface BenchCase {
  readonly name: string;
  readonly run: () => Promise<CaseResult>;
}

/** Prints medians, all raw values and the ratio ours / peer. */
export function printResult(name: string, result: CaseResult): void {
  process.stdout.write(`\n## ${name}\n${result.setting}\n`);
  for (const { what, unit, better, ours, peer } of result.figures) {
    const ratio = peer.length === 0 ? "" : ` | ratio ${(median(ours) / median(peer)).toFixed(2)} (${better} is better)`;
    const theirs = peer.length === 0 ? "" : ` | peer ${show(peer)}`;
    process.stdout.write(`- ${what}, ${unit}: ours ${show(ours)}${theirs}${ratio}\n`);
  }
}

const show = (values: readonly number[]): string => `${digits(median(values))} [${values.map(digits).join(" ")}]`;

const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));
