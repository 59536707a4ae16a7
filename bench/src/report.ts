import { median } from "./calibration.ts";

/** One figure of a case: repeated measurements of ours, and of the peer in the same run where there is one. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly ours: readonly number[];
  readonly peer: readonly number[];
  /** Ours of another checkout. */
  readonly before?: readonly number[] | undefined;
  /** VictoriaMetrics, for orientation; of a ratio its own to the peer. */
  readonly victoria?: readonly number[] | undefined;
}

export interface CaseResult {
  /** Versions and flags of both sides. */
  readonly setting: string;
  readonly figures: readonly Figure[];
}

export interface BenchCase {
  readonly name: string;
  /** It takes half an hour and more: it runs when its name is given. */
  readonly byName?: true;
  readonly run: () => Promise<CaseResult>;
}

/** Prints medians, all raw values and the ratio ours / peer. */
export function printResult(name: string, result: CaseResult): void {
  process.stdout.write(`\n## ${name}\n${result.setting}\n`);
  for (const { what, unit, better, ours, before = [], peer, victoria = [] } of result.figures) {
    // Of two zeros, late scrapes for instance, there is no ratio.
    const quotient = median(peer) === 0 ? "–" : (median(ours) / median(peer)).toFixed(2);
    const ratio = peer.length === 0 ? "" : ` | ratio ${quotient} (${better} is better)`;
    const theirs = peer.length === 0 ? "" : ` | peer ${show(peer)}`;
    const earlier =
      before.length === 0 ? "" : ` | before ${show(before)}, ratio ${(median(ours) / median(before)).toFixed(2)}`;
    const other = victoria.length === 0 ? "" : ` | VictoriaMetrics ${show(victoria)}`;
    process.stdout.write(`- ${what}, ${unit}: ours ${show(ours)}${earlier}${theirs}${ratio}${other}\n`);
  }
}

const show = (values: readonly number[]): string => `${digits(median(values))} [${values.map(digits).join(" ")}]`;

const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));
