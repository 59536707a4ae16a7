import type { BenchCase } from "./report.ts";
import { run, type SelectResult } from "./select.ts";

const ROUNDS = 3;

/**
 * Selects a day of 2,000 series from blocks into columns on one thread. Measures only the library, so there is no peer.
 */
export const selectCase: BenchCase = {
  name: "select",
  async run() {
    const results: SelectResult[] = [];
    for (let round = 0; round < ROUNDS; round++) results.push(await run());
    const pick = (key: keyof SelectResult, scale = 1): number[] => results.map((one) => one[key] / scale);
    const { series, samples, blocks } = results[0]!;
    return {
      setting: `${series} series × 24 h × 15 s = ${samples} samples in ${blocks} blocks, pages warm`,
      figures: [
        { what: "samples decoded", unit: "M/s", better: "higher", ours: pick("samplesPerSecond", 1e6), peer: [] },
        {
          what: "samples per CPU second",
          unit: "M",
          better: "higher",
          ours: pick("samplesPerCpuSecond", 1e6),
          peer: [],
        },
        { what: "finding the series", unit: "ms", better: "lower", ours: pick("selectMs"), peer: [] },
        { what: "block bytes per sample", unit: "B", better: "lower", ours: pick("bytesPerSample"), peer: [] },
      ],
    };
  },
};
