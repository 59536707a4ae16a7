import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { BegunConnections } from "./begun-connections.ts";

test("origins that were not used for a long time are removed, and other origins keep their count", async () => {
  const clock = new ManualClock();
  const begun = new BegunConnections(clock);
  begun.add("kept");
  for (let i = 0; i < 20; i++) {
    begun.add(`pod ${i}`);
    await clock.advance(60_000);
    expect(begun.count("kept")).toBe(1);
  }
  expect(begun.size).toBeLessThan(17);
  expect(begun.count("pod 0")).toBe(0);
});
