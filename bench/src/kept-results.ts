import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import type { CaseResult } from "./report.ts";

/** Figures of the last run of each case, by its name; docs/benchmarks.md is written from them. */
export type KeptResults = Readonly<Record<string, KeptResult>>;

/** A case's figures, and the machine that they were taken on. */
export interface KeptResult extends CaseResult {
  /** Day of the run, `2026-01-31`. */
  readonly day: string;
  /** Cores, processor and memory. */
  readonly machine: string;
  readonly node: string;
  /** Time of a fixed loop before the run, ms. */
  readonly calibrationMs: number;
  /** Absent in figures that were kept before these were. */
  readonly run?: BenchRun;
}

/** What repeats a run, and what else the machine did. */
export interface BenchRun {
  /** The commit of the checkout; `-dirty` if files differed from it. */
  readonly commit: string;
  /** Words and environment variables of the command. */
  readonly arguments: readonly string[];
  /** Mean number of waiting processes over a minute before the run. */
  readonly load: number;
}

const file = new URL("../results.json", import.meta.url);

export const keptResults = (): KeptResults =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as KeptResults) : {};

/** Describes the run that begins now. */
export function benchRun(): BenchRun {
  const environment = Object.entries(process.env)
    .filter(([name]) => name.startsWith("NARTHEX_BENCH_"))
    .map(([name, value]) => `${name}=${value ?? ""}`);
  const words = process.argv.slice(2).filter((word) => word !== "--save");
  const described = spawnSync("git", ["describe", "--always", "--dirty"], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  return {
    commit: described.status === 0 ? described.stdout.trim() : "unknown",
    arguments: [...environment, ...words],
    load: Number(loadavg()[0]!.toFixed(2)),
  };
}

/** Puts a case's figures in the place of those of its last run. */
export function keepResult(name: string, result: CaseResult, calibrationMs: number, run: BenchRun): void {
  const kept: KeptResult = {
    day: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? "unknown"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    node: process.version,
    calibrationMs: Math.round(calibrationMs),
    run,
    ...result,
  };
  const all = Object.entries({ ...keptResults(), [name]: kept }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const short = (_: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(all), short, 2)}\n`);
}
