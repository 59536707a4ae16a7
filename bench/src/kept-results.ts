import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import type { BenchRun } from "./bench-run.ts";
import type { CaseResult } from "./report.ts";

/**
 * Saved figures of the last run of each benchmark, by benchmark name; docs/benchmarks.md is generated from this file.
 */
export type KeptResults = Readonly<Record<string, KeptResult>>;

/** Figures of a benchmark, and facts about the run. */
interface RunResult extends CaseResult {
  /**
   * Default number of rounds; `rounds` is the number of this run. Both numbers are absent if the benchmark has no
   * configurable rounds.
   */
  readonly usualRounds?: number;
  readonly rounds?: number;
  /** Time in ms of a fixed loop before the run, as a measure of the machine's speed. */
  readonly calibrationMs: number;
  /** Command and load of the run; absent in older saved figures. */
  readonly run?: BenchRun;
}

export interface KeptResult extends RunResult {
  /** Date of the run, for example `2026-01-31`. */
  readonly day: string;
  /** Description of the CPU cores, processor, memory and kernel. */
  readonly machine: string;
  readonly node: string;
  /** Note that a person added about the run. */
  readonly remark?: string;
}

const file = new URL("../results.json", import.meta.url);

export const keptResults = (): KeptResults =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as KeptResults) : {};

/** Saves the figures of a benchmark in place of the figures of its last run. */
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
