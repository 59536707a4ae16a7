import { expect, test } from "vitest";
import { fitsAddress, legendChoiceIn, withLegendChoice } from "./legend-choice.ts";

const choice = { kind: "only", keys: ['up{job="a&b"}', "c"] } as const;

test("the selection in a legend is read from the address, for its panel only", () => {
  const params = withLegendChoice(new URLSearchParams("from=now-1h"), "panel-3", choice);
  const opened = new URLSearchParams(params.toString());
  expect(legendChoiceIn(opened, "panel-3")).toEqual(choice);
  expect(legendChoiceIn(opened, "panel-4")).toBeUndefined();
  expect(opened.get("from")).toBe("now-1h");
});

test("a new selection replaces the old one, and an empty selection removes the parameters", () => {
  const before = withLegendChoice(new URLSearchParams(), "panel-3", choice);
  const hiding = withLegendChoice(before, "panel-3", { kind: "hide", keys: ["c"] });
  expect(hiding.toString()).toBe("hide.panel-3=c");
  expect(withLegendChoice(hiding, "panel-3", undefined).toString()).toBe("");
});

test("fitsAddress() returns false if a selection is too long for an address", () => {
  expect(fitsAddress(choice)).toBe(true);
  expect(fitsAddress({ kind: "hide", keys: ["a".repeat(1500), "b".repeat(1500)] })).toBe(false);
});
