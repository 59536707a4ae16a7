import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import type { BenchRun } from "./bench-run.ts";
import type { CaseResult } from "./report.ts";

/** Figures of the last run of each case, by its name; docs/benchmarks.md is generated from them. */
export type KeptResults = Readonly<Record<string, KeptResult>>;

/** A case's figures, and facts about the run. */
interface RunResult extends CaseResult {
  /** Default number of rounds; `rounds` is that of this run. The two numbers are absent if the case has no choice of rounds. */
  readonly usualRounds?: number;
  readonly rounds?: number;
  /** Time of a fixed loop before the run, ms. */
  readonly calibrationMs: number;
  /** How the case was run; absent in older figures, which were kept without these facts. */
  readonly run?: BenchRun;
}

export interface KeptResult extends RunResult {
  /** Day of the run, `2026-01-31`. */
  readonly day: string;
  /** Cores, processor, memory and kernel. */
  readonly machine: string;
  readonly node: string;
  /** Other facts about the run that a person noted. */
  readonly remark?: string;
}

const file = new URL("../results.json", import.meta.url);

export const keptResults = (): KeptResults =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as KeptResults) : {};

/** Replaces the figures of a case's last run. */
export function keepResult(name: string, result: RunResult): void {
  const kept: KeptResult = {
    day: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? "unknown"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}`,
    node: process.version,
    ...result,
  };
  const all = Object.entries({ ...keptResults(), [name]: kept }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const short = (_: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(all), short, 2)}\n`);
}
