import type uPlot from "uplot";
import { formatInstantWithZone } from "../../format/instant.ts";
import { type LabelSet, seriesName, sortedLabels } from "../../format/series-name.ts";
import { TooltipBox, tooltipHead, tooltipLine, tooltipLines, tooltipNote } from "../../plot/tooltip-box.ts";
import { nearestLines } from "./line-painter.ts";
import type { PlotData, PlotLine } from "./plot-data.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./tooltip.module.css";

const css = classesOf(styles);

/** Maximum number of series in a tooltip. */
const MAX_LINES = 6;

interface TooltipInput {
  readonly data: PlotData;
  readonly zone: string;
  readonly stacked: boolean;
  /** Keys of hidden lines. */
  readonly hidden: ReadonlySet<string>;
  readonly colorOf: (index: number) => string;
  readonly formatValue: (value: number) => string;
}

function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Returns the labels by which one of several series differs from the others, or all labels if it is the only one. */
function ownLabels(labels: LabelSet, all: readonly LabelSet[]): LabelSet {
  if (all.length === 1) return { __name__: labels["__name__"] ?? "value" };
  return Object.fromEntries(Object.entries(labels).filter(([name, value]) => all.some((one) => one[name] !== value)));
}

/**
 * Returns the content of the tooltip: the time, the nearest series with their values, and the exact value and all labels
 * of the nearest one.
 * @param nearest indexes of the lines, nearest first
 */
function contents({ data, zone, colorOf, formatValue }: TooltipInput, nearest: readonly number[], at: number) {
  const valueOf = ({ values }: PlotLine): number => values[at] ?? 0;
  const lines = nearest
    .map((index) => ({ index, line: data.lines[index]! }))
    .toSorted((left, right) => valueOf(right.line) - valueOf(left.line));
  const all = lines.map(({ line }) => line.labels);
  const rows = lines.map(({ index, line }) =>
    tooltipLine({
      name: [seriesName(ownLabels(line.labels, all)), line.note ?? ""].filter((text) => text !== "").join(" "),
      text: formatValue(valueOf(line)),
      color: colorOf(index),
      isFocused: index === nearest[0],
    }),
  );
  const focused = data.lines[nearest[0]!]!;
  const exact = String(valueOf(focused));
  const table = element("div", css("labels"));
  const pairs: [string, string][] = sortedLabels(focused.labels);
  if (exact !== formatValue(valueOf(focused))) pairs.unshift(["exact value", exact]);
  for (const [name, text] of pairs) table.append(element("span", css("name"), name), element("span", "", text));
  const shown = data.lines.length;
  return [
    tooltipHead(formatInstantWithZone(data.times[at] ?? 0, zone)),
    tooltipLines(rows),
    ...(shown > nearest.length ? [tooltipNote(`the nearest of ${shown} series`)] : []),
    table,
  ];
}

/** uPlot plugin with a tooltip for the series that are nearest to the pointer. */
export function tooltipPlugin(input: TooltipInput): uPlot.Plugin {
  const box = new TooltipBox();
  /** The shown lines and times as a text, and the tooltip's elements. */
  let shown: readonly [key: string, elements: readonly HTMLElement[]] = ["", []];

  const update = (plot: uPlot): void => {
    const { left = -1, top = 0, idx } = plot.cursor;
    if (left < 0 || idx == null) return box.hide();
    const nearest = nearestLines(input.data, input, idx, plot.posToVal(top, "y"), MAX_LINES);
    if (nearest.length === 0) return box.hide();
    const key = `${idx} ${nearest.join(" ")}`;
    if (shown[0] !== key) shown = [key, contents(input, nearest, idx)];
    box.show(plot, shown[1]);
  };

  return { hooks: { init: () => box.attach(), destroy: () => box.remove(), setCursor: update } };
}
