import { type AppendResult, run } from "./append.ts";
import type { BenchCase } from "./report.ts";

const ROUNDS = 3;

/**
 * Appends to series with known references on one thread, including the write-ahead log. Measures only the library, so
 * there is no other program to compare.
 */
export const appendCase: BenchCase = {
  name: "append",
  async run() {
    const results: AppendResult[] = [];
    for (let round = 0; round < ROUNDS; round++) results.push(await run());
    const pick = (key: keyof AppendResult, scale = 1): number[] => results.map((one) => one[key] / scale);
    return {
      setting: `${results[0]!.series} series, ${results[0]!.samples} samples per round, snappy, fsync each second`,
      figures: [
        { what: "samples appended", unit: "M/s", better: "higher", ours: pick("samplesPerSecond", 1e6), peer: [] },
        {
          what: "samples per CPU second",
          unit: "M",
          better: "higher",
          ours: pick("samplesPerCpuSecond", 1e6),
          peer: [],
        },
        { what: "growth of the JS heap", unit: "MB", better: "lower", ours: pick("heapGrowthBytes", 1e6), peer: [] },
        { what: "log written per sample", unit: "B", better: "lower", ours: pick("walBytesPerSample"), peer: [] },
        {
          what: "longest block of the event loop",
          unit: "ms",
          better: "lower",
          ours: pick("longestBlockMs"),
          peer: [],
        },
      ],
    };
  },
};
