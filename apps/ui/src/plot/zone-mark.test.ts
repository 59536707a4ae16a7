import type uPlot from "uplot";
import { expect, test } from "vitest";
import { zoneMark } from "./zone-mark.ts";

/** Returns the texts that the mark draws on a plot, with their positions. The plot is 100 px high, at the top. */
function drawn(zone: string, left: number, max: number): unknown[] {
  const texts: unknown[] = [];
  const ctx = {
    save: () => undefined,
    restore: () => undefined,
    measureText: (text: string) => ({ width: text.length * 6 }),
    fillText: (...text: unknown[]) => texts.push(text),
  };
  const plot = { ctx, bbox: { left, top: 0, width: 200, height: 100 }, scales: { x: { max } } } as unknown as uPlot;
  const { drawAxes } = zoneMark(zone, { text: "#000" }).hooks;
  (drawAxes as (self: uPlot) => void)(plot);
  return texts;
}

test("the zone is named below the value axis, with the offset at the end of the range", () => {
  expect(drawn("UTC", 50, Date.UTC(2026, 0, 1))).toEqual([["UTC", 3, 110]]);
  expect(drawn("Europe/Berlin", 60, Date.UTC(2026, 0, 1))).toEqual([["UTC+1", 3, 110]]);
  expect(drawn("Europe/Berlin", 60, Date.UTC(2026, 6, 1))).toEqual([["UTC+2", 3, 110]]);
  expect(drawn("Asia/Kolkata", 70, Date.UTC(2026, 0, 1))).toEqual([["UTC+5:30", 3, 110]]);
});

test("without enough room below the value axis, the zone is named inside the plot", () => {
  expect(drawn("America/New_York", 0, Date.UTC(2026, 0, 1))).toEqual([["UTC-5", 3, 97]]);
});
