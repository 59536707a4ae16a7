import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";

test.each([
  [{ alertname: "A b", i: "1", severity: "critical" }, "d7c1dfd45bd2d6f7"],
  [{ severity: "critical", alertname: "A" }, "b807e636403824b5"],
  [{}, "cbf29ce484222325"],
])("fingerprint() of %j is the one upstream shows", (labels, expected) => {
  expect(fingerprint(Labels.of(labels as Record<string, string>))).toBe(expected);
});
