import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import type { Verdict } from "./comparison.ts";
import { drawEpisode } from "./draw-episode.ts";
import { type Episode, printEpisode } from "./episode.ts";
import { runTwins } from "./twin-run.ts";
import { Workplace } from "../../../support/workplace.ts";

/** Others by hand: what is new among them is found there, not in somebody else's change. */
const SEED = testSeed(10);
const EPISODES = Number(process.env["NARTHEX_EPISODES"] ?? testCases(250, 500));
/** Numbers of the only episodes to run, for one that failed. */
const ONLY = process.env["NARTHEX_ONLY"] ?? "";
const STEPS = 12;
/** Two servers and the targets must keep up on a small machine. */
const INTERVAL_MS = Number(process.env["NARTHEX_INTERVAL"] ?? 2500);
/** Failures that are printed; the others are counted. */
const REPORTED = Number(process.env["NARTHEX_REPORTED"] ?? 10);

test.skipIf(lacks("peers"))("a target's life is stored here as Prometheus stores it", async () => {
  using place = new Workplace();
  const now = Math.floor(Date.now() / 1000) * 1000;
  const numbers = ONLY === "" ? Array.from({ length: EPISODES }, (_, number) => number) : ONLY.split(",").map(Number);
  const episodes = numbers.map((number) => drawEpisode(number, { seed: SEED, steps: STEPS, now }));
  const { verdicts, counters } = await runTwins(episodes, place, {
    intervalMs: INTERVAL_MS,
    timeoutMs: INTERVAL_MS * 0.9,
    now,
    flags: {
      ours: ["--enable-feature=exemplar-storage"],
      theirs: ["--enable-feature=exemplar-storage,native-histograms"],
    },
  });
  const failed = verdicts.filter(([, { differences }]) => differences.length > 0);
  const known = new Map<string, number>();
  for (const reason of verdicts.flatMap(([, verdict]) => verdict.known))
    known.set(reason, (known.get(reason) ?? 0) + 1);
  console.log(
    `scrape differential: seed ${SEED}, ${episodes.length} episodes of ${STEPS} scrapes, ${failed.length} differ; known:` +
      ([...known].map(([reason, count]) => `\n  ${count} × ${reason}`).join("") || " none"),
  );
  for (const [episode, verdict] of failed.slice(0, REPORTED)) console.log(reportOf(episode, verdict));
  expect(counters).toEqual([]);
  expect(failed.length, `seed ${SEED}: episodes that differ`).toBe(0);
});

function reportOf(episode: Episode, { differences, errors }: Verdict): string {
  const shown = differences
    .slice(0, 6)
    .map(
      ({ kind, step, what, ours, theirs }) =>
        `  ${kind} at #${step}: ${what}\n    ours   ${ours}\n    theirs ${theirs}`,
    );
  const at = Math.min(episode.steps.length - 1, ...differences.map(({ step }) => step));
  return `${printEpisode(episode, at)}\n  errors at #${at}, ours | theirs: ${errors[at]}\n  differences (${differences.length}):\n${shown.join("\n")}\n`;
}
