import { afterEach, expect, test } from "vitest";
import { handPanel, takeHandedPanel } from "./handed-panel.ts";

afterEach(() => sessionStorage.clear());

test("a panel is taken once, by the dashboard for which it was handed over", () => {
  const panel = { type: "timeseries" };
  expect(takeHandedPanel("a")).toBeUndefined();
  handPanel({ uid: "a", panel });
  expect(takeHandedPanel("b")).toBeUndefined();
  expect(takeHandedPanel("")).toBeUndefined();
  expect(takeHandedPanel("a")).toEqual(panel);
  expect(takeHandedPanel("a")).toBeUndefined();
});

test("a stored text that is not JSON is ignored", () => {
  sessionStorage.setItem("narthex.handedPanel", "{");
  expect(takeHandedPanel("a")).toBeUndefined();
});
