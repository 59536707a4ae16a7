import type uPlot from "uplot";
import {
  pointerOf,
  TooltipBox,
  tooltipHead,
  tooltipLine,
  tooltipLines,
  tooltipNote,
} from "../../../plot/tooltip-box.ts";
import { barBox } from "./bar-drawing.ts";
import type { BarPlan } from "./bar-plan.ts";
import { type BarLayout, type BarMoment, GROUPS } from "./bar-layout.ts";

const ROW_PX = 18;
const USUAL_HEIGHT_PX = 420;

interface Pointed {
  readonly row: number;
  /** Index of the series whose bar is nearest to the pointer. */
  readonly series: number;
}

/** Returns the series whose bar is under the pointer, or is the nearest one in its group. */
export function barAt(position: number, { plan, geometry }: Pick<BarMoment, "plan" | "geometry">): Pointed | undefined {
  const row = Math.round(position);
  if (row < 0 || row >= plan.labels.length) return undefined;
  let [nearest, least] = [-1, Infinity];
  for (const [at, { from, to }] of geometry.slots) {
    if (Number.isNaN(geometry.ends[at]![row])) continue;
    const distance = Math.max(0, row + from - position, position - row - to);
    if (distance < least) [nearest, least] = [at, distance];
  }
  return nearest < 0 ? undefined : { row, series: nearest };
}

/** Returns the bar under the pointer if bars are stacked. */
function stackedAt(plot: uPlot, moment: BarMoment, layout: BarLayout, row: number, along: number): number | undefined {
  for (const at of moment.geometry.slots.keys()) {
    const box = barBox(plot, moment, layout, at, row);
    if (box === undefined) continue;
    const [from, size] = layout.isHorizontal
      ? [box.left - plot.bbox.left, box.width]
      : [box.top - plot.bbox.top, box.height];
    if (along >= from && along <= from + size) return at;
  }
  return undefined;
}

function pointedAt(plot: uPlot, moment: BarMoment, layout: BarLayout, left: number, top: number): Pointed | undefined {
  const [across, along] = layout.isHorizontal ? [top, left] : [left, top];
  const found = barAt(plot.posToVal(across, GROUPS), moment);
  if (found === undefined || layout.options.stacking === "none") return found;
  return { ...found, series: stackedAt(plot, moment, layout, found.row, along * devicePixelRatio) ?? found.series };
}

/** A uPlot plugin that shows a tooltip for the bars under the pointer, and shades their background. */
export function barTooltip(layout: BarLayout, now: () => BarMoment): uPlot.Plugin {
  const box = new TooltipBox();
  const shade = document.createElement("div");
  Object.assign(shade.style, { position: "absolute", pointerEvents: "none", background: "rgba(128, 128, 128, 0.18)" });
  const update = (plot: uPlot): void => {
    const moment = now();
    const pointer = pointerOf(plot, false);
    const at = pointer === undefined ? undefined : pointedAt(plot, moment, layout, pointer.left, pointer.top);
    shade.hidden = at === undefined;
    if (at !== undefined) put(shade, plot, moment, layout, at);
    box.show(plot, at === undefined ? [] : contents(moment.plan, at, layout));
  };
  return {
    hooks: {
      init: (plot) => {
        box.attach();
        shade.hidden = true;
        plot.over.append(shade);
      },
      destroy: () => box.remove(),
      setCursor: update,
    },
  };
}

/** Moves the shaded rectangle behind the pointed bar or the pointed group of bars. */
function put(shade: HTMLElement, plot: uPlot, moment: BarMoment, layout: BarLayout, { row, series }: Pointed): void {
  const found = barBox(plot, moment, layout, series, row);
  if (found === undefined) return;
  const { bbox } = plot;
  const { isHorizontal, options } = layout;
  const isWhole = options.highlightsAll;
  const box = {
    left: isWhole && isHorizontal ? bbox.left : found.left,
    top: isWhole && !isHorizontal ? bbox.top : found.top,
    width: isWhole && isHorizontal ? bbox.width : found.width,
    height: isWhole && !isHorizontal ? bbox.height : found.height,
  };
  const px = (value: number): string => `${value / devicePixelRatio}px`;
  Object.assign(shade.style, {
    left: px(box.left - bbox.left),
    top: px(box.top - bbox.top),
    width: px(box.width),
    height: px(box.height),
  });
}

function contents(plan: BarPlan, { row, series: focused }: Pointed, { options }: BarLayout): readonly Node[] {
  const isMulti = options.tooltipMode === "multi";
  const shown = plan.series
    .map((series, at) => ({ series, at, value: series.values[row]! }))
    .filter(({ series, at, value }) => {
      if (series.options.isHiddenInTooltip || value !== value) return false;
      return isMulti ? !(options.tooltipHidesZeros && value === 0) : at === focused;
    });
  if (isMulti && options.tooltipSort !== "none")
    shown.sort((a, b) => (options.tooltipSort === "asc" ? a.value - b.value : b.value - a.value));
  if (shown.length === 0) return [];
  const most = Math.max(1, Math.floor((options.tooltipMaxHeight ?? USUAL_HEIGHT_PX) / ROW_PX) - 2);
  const lines = shown.slice(0, most).map(({ series, at, value }) =>
    tooltipLine({
      name: series.view.name,
      text: series.view.text(value),
      color: plan.colorOf(series, row),
      isFocused: isMulti && at === focused,
    }),
  );
  const more = shown.length > most ? [tooltipNote(`${shown.length - most} more`)] : [];
  return [tooltipHead(plan.labels[row] ?? ""), tooltipLines(lines), ...more];
}
