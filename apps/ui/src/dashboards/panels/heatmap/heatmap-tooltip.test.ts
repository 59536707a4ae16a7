import { type Field, type Frame, numericColumn } from "@narthex/dashboards";
import type uPlot from "uplot";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { plotTheme } from "../../../plot/plot-theme.ts";
import { heatCells } from "./heat-cells.ts";
import { heatFills } from "./heat-fills.ts";
import type { HeatmapPlan } from "./heatmap-plan.ts";
import type { HeatmapMoment } from "./heatmap-plot.ts";
import { heatTooltip } from "./heatmap-tooltip.ts";
import type { HeatmapOptions } from "./options.ts";

const bucket = (name: string, ...values: number[]): Field =>
  numericColumn({ name, labels: { le: name } }, "number", Float64Array.from(values));
const frame: Frame = {
  length: 2,
  meta: { type: "heatmap-rows" },
  fields: [
    numericColumn({ name: "Time", config: { interval: 10 } }, "time", Float64Array.of(10, 20)),
    bucket("1", 1, 2),
    bucket("+Inf", 3, 4),
  ],
};

const noLimits = { min: undefined, max: undefined, hiddenBelow: undefined, hiddenFrom: undefined };

function planOf(): HeatmapPlan {
  const cells = heatCells([frame], "auto", ({ name }) => name);
  if ("problem" in cells) throw new Error(cells.problem);
  const palette = ["#000000", "#ffffff"];
  return {
    cells,
    fills: heatFills(cells.counts, cells.length, { ...noLimits, steps: palette.length }),
    palette,
    countText: String,
    valueText: String,
    rowNames: ["1", "+Inf"],
    exemplars: [],
  };
}

let draw: uPlot;
let made: number;
beforeEach(() => {
  made = 0;
  const create = document.createElement.bind(document);
  vi.spyOn(document, "createElement").mockImplementation((tag: string) => {
    if (tag === "canvas") made++;
    return create(tag);
  });
  draw = {
    cursor: { left: 5, top: 0, event: {} },
    rect: { left: 0, top: 0 },
    // The x axis has one pixel per millisecond, and the y axis one pixel per row.
    posToVal: (pixel: number) => pixel,
  } as unknown as uPlot;
});
afterEach(() => vi.restoreAllMocks());

const call = (hook: unknown): void => (hook as (plot: uPlot) => void)(draw);
const canvases = (): readonly HTMLCanvasElement[] => [...document.body.querySelectorAll("canvas")];

test("a tooltip reuses the canvas of each picture while the pointer moves", () => {
  const options = { tooltipMode: "single", hasHistogram: true, hasTooltipScale: true } as HeatmapOptions;
  const moment = {
    plan: planOf(),
    context: { zone: "UTC", isTooltipShared: false, theme: plotTheme("dark") },
    onPoint: () => undefined,
  } as unknown as HeatmapMoment;
  const { hooks } = heatTooltip("y", options, () => moment);
  call(hooks.init);
  call(hooks.setCursor);
  const first = canvases();
  expect(first).toHaveLength(2);
  for (const [left, top] of [
    [6, 0],
    [15, 1],
    [15, 1.5],
    [500, 0],
    [4, 1],
  ] as const) {
    Object.assign(draw.cursor, { left, top });
    call(hooks.setCursor);
  }
  expect(canvases()).toEqual(first);
  expect(made).toBe(2);
  call(hooks.destroy);
  expect(canvases()).toEqual([]);
});
