import type uPlot from "uplot";
import { formatInstantWithZone } from "../../format/instant.ts";
import { sortedLabels } from "../../format/series-name.ts";
import type { PlotData } from "./plot-data.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./tooltip.module.css";

const css = classesOf(styles);

interface TooltipInput {
  readonly data: PlotData;
  readonly zone: string;
  readonly colorOf: (index: number) => string;
  /** Returns the line at the pointer, if the lines are not the plot's own series. */
  readonly nearest?: (plot: uPlot, at: number) => number | null;
}

function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Creates an empty, hidden tooltip. */
export function tooltipBox(): HTMLElement {
  const box = element("div", css("tooltip"));
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  return box;
}

/**
 * Moves a tooltip next to a point of a plot, inside the plot. 100 % are the tooltip's own width and height: reading
 * them would force a layout at each pointer move.
 */
export function placeBeside(box: HTMLElement, plot: uPlot, left: number, top: number): void {
  const [width, height] = [plot.bbox.width / devicePixelRatio, plot.bbox.height / devicePixelRatio];
  const x = left > width / 2 ? `calc(${left - 16}px - 100%)` : `${left + 16}px`;
  box.style.transform = `translate(${x}, max(0px, min(${top + 12}px, calc(${height}px - 100%))))`;
}

function fill(box: HTMLElement, input: TooltipInput, line: number, at: number): void {
  const found = input.data.lines[line];
  const value = found?.values[at];
  if (found === undefined) return;
  const head = element("div", css("head"));
  const swatch = element("span", css("swatch"));
  swatch.style.background = input.colorOf(line);
  head.append(
    swatch,
    element("strong", "", found.labels["__name__"] ?? "value"),
    element("strong", css("value"), value == null ? "no value" : String(value)),
  );
  const time = element("div", css("time"), formatInstantWithZone((input.data.times[at] ?? 0) * 1000, input.zone));
  const table = element("div", css("labels"));
  for (const [name, text] of sortedLabels(found.labels)) {
    table.append(element("span", css("name"), name), element("span", "", text));
  }
  box.replaceChildren(time, head, table);
}

/** A tooltip with the nearest series: its time, its value and all labels. */
export function tooltipPlugin(input: TooltipInput): uPlot.Plugin {
  const box = tooltipBox();
  let focused: number | null = null;
  /** The line and the index of the value that the tooltip shows. */
  let shown: readonly [line: number, at: number] = [-1, -1];

  const place = (plot: uPlot): void => {
    const { left = -1, top = -1, idx } = plot.cursor;
    if (input.nearest !== undefined) {
      const line = idx == null ? null : input.nearest(plot, idx);
      focused = line === null ? null : line + 1;
    }
    if (left < 0 || idx == null || focused === null) {
      box.hidden = true;
      return;
    }
    if (shown[0] !== focused - 1 || shown[1] !== idx) fill(box, input, focused - 1, idx);
    shown = [focused - 1, idx];
    box.hidden = false;
    placeBeside(box, plot, left, top);
  };

  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setSeries: (plot, index) => {
        focused = index;
        place(plot);
      },
      setCursor: place,
    },
  };
}
