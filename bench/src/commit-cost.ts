import { flag, rounds } from "./flags.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { measureScraping, SCRAPE_SETTING } from "./scrape.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);

/**
 * Compares the CPU time per scraped sample of this checkout with another checkout. The servers of both checkouts run
 * concurrently, each with its own targets.
 */
export const commitCostCase: BenchCase = {
  name: "commit-cost",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const before = flag("before", "");
    if (before === "") return { setting: "skipped: --before=PATH names bin/narthex of another checkout", figures: [] };
    const ours = new URL("../../bin/narthex", import.meta.url).pathname;
    const pairs: (readonly [own: number, earlier: number])[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const both = [ours, before].map((command) => measureScraping(command, ["server"]));
      const [own, earlier] = await Promise.all(both);
      pairs.push([own!.cpuMicrosPerSample, earlier!.cpuMicrosPerSample]);
      process.stdout.write(
        `  round ${round + 1}: ${pairs
          .at(-1)!
          .map((micros) => micros.toFixed(3))
          .join(" / ")} µs\n`,
      );
    }
    const figure = (what: string, unit: string, of: number[], earlier: number[]): Figure => ({
      what,
      unit,
      better: "lower",
      ours: of,
      before: earlier,
      peer: [],
    });
    return {
      setting: `${SCRAPE_SETTING}; before: ${before}`,
      figures: [
        figure(
          "CPU per sample",
          "µs",
          pairs.map(([own]) => own),
          pairs.map(([, earlier]) => earlier),
        ),
        figure(
          "CPU per sample, of that before, round by round",
          "ratio",
          pairs.map(([own, earlier]) => own / earlier),
          [],
        ),
      ],
    };
  },
};
