import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { RenderKeys } from "./render-keys.ts";

test("a key ends with its rendering, and at the latest after its lifetime", async () => {
  const clock = new ManualClock(0);
  const keys = new RenderKeys(clock);
  const grant = { principal: { kind: "user", name: "ann" }, dashboardUid: "demo" } as const;
  const used = await keys.withKey(grant, 1000, async (key) => {
    expect(keys.find(key)?.dashboardUid).toBe("demo");
    await clock.advance(999);
    expect(keys.find(key)?.dashboardUid).toBe("demo");
    await clock.advance(1);
    expect(keys.find(key)).toBeUndefined();
    return key;
  });
  const ended = await keys.withKey(grant, 1000, (key) => Promise.resolve(key));
  expect([keys.find(used), keys.find(ended)]).toEqual([undefined, undefined]);
});
