import { expect, test } from "vitest";
import { fakeContext, fakeMachine } from "../testing/fake-context.ts";
import { clock } from "./clock.ts";

test.each([
  [{ isSynchronized: true, maxErrorSeconds: 0.02 }, "ok", "0.020 s"],
  [{ isSynchronized: true, maxErrorSeconds: 16 }, "warning", "16.000 s off"],
  [{ isSynchronized: false, maxErrorSeconds: 16 }, "warning", "not synchronised"],
  [undefined, "warning", "cannot be told"],
])("clock: %j is %s", async (state, level, what) => {
  const findings = await clock.run(fakeContext({ machine: fakeMachine({ clockState: () => Promise.resolve(state) }) }));
  expect(findings).toMatchObject([{ level, what: expect.stringContaining(what) }]);
  expect(findings[0]!.hint === "").toBe(level === "ok");
});
