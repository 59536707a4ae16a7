import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HeldResources, leaks, quarters, soak } from "@narthex/tsdb/testing";
import { numberFlag, scale } from "./flags.ts";
import type { BenchCase, Figure } from "./report.ts";

const SCALE = scale();
const SERIES = Math.round(20_000 * SCALE);
/** Minutes of simulated time; `--minutes=120` runs longer. */
const MINUTES = numberFlag("minutes", 60);
const CHURN = 0.01;

const NAMES: Readonly<Record<keyof HeldResources, readonly [what: string, unit: string, scale: number]>> = {
  objects: ["JavaScript objects", "thousands", 1e3],
  heapBytes: ["JS heap in use", "MB", 1e6],
  externalBytes: ["memory outside the heap", "MB", 1e6],
  residentBytes: ["resident memory", "MB", 1e6],
  slabBytes: ["slabs of the head", "MB", 1e6],
  slabUsedBytes: ["blocks in the slabs", "MB", 1e6],
  descriptors: ["open file descriptors", "", 1],
  threads: ["threads", "", 1],
  files: ["files in the data folder", "", 1],
  folderBytes: ["size of the data folder", "MB", 1e6],
};

/**
 * Appends 20,000 samples a second for an hour of simulated time. Measures only the library, so there is no other
 * program to compare.
 */
export const soakCase: BenchCase = {
  name: "soak",
  async run() {
    const dir = mkdtempSync(join(tmpdir(), "narthex-soak-"));
    const start = performance.now();
    const cpuBefore = process.cpuUsage();
    try {
      const { held, samples, read } = await soak({
        dir,
        series: SERIES,
        intervalMs: 1000,
        minutes: MINUTES,
        churn: CHURN,
      });
      const cpu = process.cpuUsage(cpuBefore);
      const found = leaks(held);
      const seconds = (performance.now() - start) / 1000;
      const medians = quarters(held);
      const figures = (Object.keys(NAMES) as (keyof HeldResources)[]).flatMap((key): Figure[] => {
        const [what, unit, scale] = NAMES[key];
        const figure = (quarter: string, value: number): Figure => ({
          what: `${what}, ${quarter} quarter`,
          unit,
          better: "lower",
          ours: [value / scale],
          peer: [],
        });
        return [figure("second", medians[key][0]), figure("last", medians[key][1])];
      });
      return {
        setting:
          `${SERIES} series at 1 s for ${MINUTES} minutes (${samples} samples written, ${read} read), 1 % churn a minute, ` +
          `blocks of 2 and 6 minutes, kept for 12; ${seconds.toFixed(0)} s by the clock, ` +
          `${((cpu.user + cpu.system) / 1e6).toFixed(0)} s CPU; ${found.length === 0 ? "nothing leaks" : `LEAKS ${found.join("; ")}`}`,
        figures,
      };
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
