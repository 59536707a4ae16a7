import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

/** A clock that advances a little at each call, as if reading a body took time. */
class TiringClock extends ManualClock {
  #looks = 0;

  override monotonic(): number {
    return super.monotonic() + this.#looks++ * 0.5;
  }
}

test("long bodies of several targets are read in turns, and each is stored completely", async () => {
  let pauses = 0;
  const clock = new TiringClock(1_700_000_000_000);
  const scrape = new ScriptedScrape({
    clock,
    pause: async () => {
      pauses++;
      await Promise.resolve();
    },
  });
  const lines = (target: number): string =>
    Array.from({ length: 5000 }, (_, i) => `x{i="${i}"} ${target * i}\n`).join("");
  for (const target of [1, 2, 3]) scrape.answers.set(`http://h:${target}/metrics`, lines(target));
  await scrape.apply(
    "scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1, h:2, h:3]}]}]",
  );
  await clock.advance(10_500);
  expect(pauses).toBeGreaterThan(3);
  const stored = scrape.stored();
  expect(Object.keys(stored)).toHaveLength(15_000);
  for (const target of [1, 2, 3]) {
    expect(stored[`x{i="4999", instance="h:${target}", job="a"}`]![0]).toContain(` ${target * 4999}`);
  }
});

test.each([
  ["few lines, but long ones", (i: number) => `x{i="${i}",long="${"l".repeat(500_000)}"} 1\n`, 40],
  ["comments", () => "# nothing to read\n", 50_000],
  ["blank lines", () => "\n", 50_000],
])("a body of %s is read in turns with others' work", async (_, line, count) => {
  let pauses = 0;
  const clock = new TiringClock(1_700_000_000_000);
  const pause = async (): Promise<void> => {
    pauses++;
    await Promise.resolve();
  };
  const scrape = new ScriptedScrape({ clock, pause });
  scrape.answers.set("http://h:1/metrics", Array.from({ length: count }, (__, i) => line(i)).join(""));
  await scrape.apply("scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]");
  await clock.advance(10_500);
  expect(scrape.manager.views.targets().activeTargets[0]).toMatchObject({ health: "up", lastError: "" });
  expect(pauses).toBeGreaterThan(0);
});
