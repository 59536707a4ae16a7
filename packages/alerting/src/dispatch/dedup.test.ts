import { expect, test } from "vitest";
import { notifyReason } from "./dedup.ts";

const entry = (firing: string[], resolved: string[] = [], timestamp = 1000) => ({
  firing,
  resolved,
  timestamp,
  data: {},
});

test.each([
  [undefined, ["a"], [], true, "first notification"],
  [undefined, [], ["a"], true, undefined],
  [entry([]), ["a"], [], true, "first notification"],
  [entry(["a"]), ["a", "b"], [], true, "new alerts added"],
  [entry(["a"]), [], ["a"], true, "all alerts resolved"],
  [entry(["a"]), [], ["a"], false, "all alerts resolved"],
  [entry([], ["a"]), [], ["a"], true, undefined],
  [entry(["a", "b"]), ["a"], ["b"], true, "some alerts resolved"],
  [entry(["a", "b"]), ["a"], ["b"], false, undefined],
  [entry(["a"], [], 899), ["a"], [], true, "repeat interval elapsed"],
  [entry(["a"], [], 900), ["a"], [], true, undefined],
])("after %j, firing %j and resolved %j (send_resolved %s) give %s", (last, firing, resolved, sendResolved, reason) => {
  expect(notifyReason(last, { firing, resolved }, { sendResolved, repeatIntervalMs: 100, now: 1000 })).toBe(reason);
});
