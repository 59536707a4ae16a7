import type uPlot from "uplot";
import { formatInstantWithZone } from "../../format/instant.ts";
import { sortedLabels } from "../../format/series-name.ts";
import { TooltipBox, tooltipHead } from "../../plot/tooltip-box.ts";
import type { PlotData } from "./plot-data.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./tooltip.module.css";

const css = classesOf(styles);

interface TooltipInput {
  readonly data: PlotData;
  readonly zone: string;
  readonly colorOf: (index: number) => string;
  /**
   * Returns the index of the line at the pointer. Needed if a `LinePainter` draws the lines, because uPlot then has no
   * series.
   */
  readonly nearest?: (plot: uPlot, at: number) => number | null;
}

function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function contents(input: TooltipInput, line: number, at: number): readonly HTMLElement[] {
  const found = input.data.lines[line];
  const value = found?.values[at];
  if (found === undefined) return [];
  const head = element("div", css("head"));
  const swatch = element("span", css("swatch"));
  swatch.style.background = input.colorOf(line);
  head.append(
    swatch,
    element("strong", "", found.labels["__name__"] ?? "value"),
    element("strong", css("value"), value == null ? "no value" : String(value)),
  );
  const table = element("div", css("labels"));
  for (const [name, text] of sortedLabels(found.labels)) {
    table.append(element("span", css("name"), name), element("span", "", text));
  }
  return [tooltipHead(formatInstantWithZone(input.data.times[at] ?? 0, input.zone)), head, table];
}

/** uPlot plugin with a tooltip for the nearest series: time, value and all labels. */
export function tooltipPlugin(input: TooltipInput): uPlot.Plugin {
  const box = new TooltipBox();
  let focused: number | null = null;
  /** The currently shown line, the index of the shown value, and the tooltip's elements. */
  let shown: readonly [line: number, at: number, elements: readonly HTMLElement[]] = [-1, -1, []];

  const update = (plot: uPlot): void => {
    const { left = -1, idx } = plot.cursor;
    if (input.nearest !== undefined) {
      const line = idx == null ? null : input.nearest(plot, idx);
      focused = line === null ? null : line + 1;
    }
    if (left < 0 || idx == null || focused === null) return box.hide();
    if (shown[0] !== focused - 1 || shown[1] !== idx) shown = [focused - 1, idx, contents(input, focused - 1, idx)];
    box.show(plot, shown[2]);
  };

  return {
    hooks: {
      init: () => box.attach(),
      destroy: () => box.remove(),
      setSeries: (plot, index) => {
        focused = index;
        update(plot);
      },
      setCursor: update,
    },
  };
}
