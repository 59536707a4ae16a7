import { afterEach, expect, test } from "vitest";
import { handPanel, takeHandedPanel } from "./handed-panel.ts";

const NOW = 1_000_000;

afterEach(() => sessionStorage.clear());

test("a panel is taken once, by the dashboard for which it was handed over", () => {
  const panel = { type: "timeseries" };
  expect(takeHandedPanel("a", NOW)).toBeUndefined();
  handPanel({ uid: "a", panel }, NOW);
  expect(takeHandedPanel("b", NOW)).toBeUndefined();
  expect(takeHandedPanel("", NOW)).toBeUndefined();
  expect(takeHandedPanel("a", NOW)).toEqual(panel);
  expect(takeHandedPanel("a", NOW)).toBeUndefined();
});

test("a stored text that is not JSON is ignored", () => {
  sessionStorage.setItem("narthex.handedPanel", "{");
  expect(takeHandedPanel("a", NOW)).toBeUndefined();
});

test("a panel that no dashboard has taken is forgotten after a minute", () => {
  handPanel({ uid: "a", panel: {} }, NOW - 60_001);
  expect(takeHandedPanel("a", NOW)).toBeUndefined();
  expect(sessionStorage).toHaveLength(0);
});
