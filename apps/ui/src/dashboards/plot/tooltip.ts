import { formatTime } from "@narthex/dashboards";
import type uPlot from "uplot";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./tooltip.module.css";

const css = classesOf(styles);

/** A line of the tooltip: a series at the pointer. */
export interface TooltipRow {
  /** uPlot's index of the series. */
  readonly series: number;
  readonly name: string;
  readonly color: string;
  readonly text: string;
  readonly value: number;
}

export interface TooltipSettings {
  readonly mode: "single" | "multi";
  readonly sort: "none" | "asc" | "desc";
  readonly hidesZeros: boolean;
  /** CSS pixels; beyond it rows are left out, and said so. */
  readonly maxHeight: number | undefined;
  readonly zone: string;
  /** Whether it also follows the pointer over another plot. */
  readonly isShared: boolean;
  /** What a series has at an index of the shared times; undefined where it is not told. */
  readonly rowAt: (series: number, at: number) => TooltipRow | undefined;
}

const ROW_PX = 18;
const USUAL_HEIGHT_PX = 420;

const node = (className: string, text = ""): HTMLElement => {
  const made = document.createElement("div");
  made.className = className;
  made.textContent = text;
  return made;
};

/** Puts the box beside a point of the window, where all of it can be seen. */
export function putBeside(box: HTMLElement, x: number, y: number): void {
  const { offsetWidth: width, offsetHeight: height } = box;
  box.style.left = `${Math.max(4, x + 14 + width > innerWidth - 4 ? x - 14 - width : x + 14)}px`;
  box.style.top = `${Math.max(4, Math.min(y + 12, innerHeight - height - 4))}px`;
}

/** Values at the pointer beside it, or, for a plot that another one's pointer moves, at the same time. */
export function tooltipPlugin(settings: TooltipSettings): uPlot.Plugin {
  const box = node(css("tooltip"));
  box.setAttribute("role", "status");
  box.hidden = true;
  let focused: number | null = null;

  const rowsAt = (plot: uPlot, at: number): TooltipRow[] => {
    if (settings.mode === "single") {
      const row = focused === null ? undefined : settings.rowAt(focused, plot.cursor.idxs?.[focused] ?? at);
      return row === undefined ? [] : [row];
    }
    const rows: TooltipRow[] = [];
    for (let series = 1; series < plot.series.length; series++) {
      if (plot.series[series]!.show === false) continue;
      const index = plot.cursor.idxs?.[series] ?? at;
      const row = settings.rowAt(series, index);
      if (row !== undefined && !(settings.hidesZeros && row.value === 0)) rows.push(row);
    }
    if (settings.sort !== "none")
      rows.sort((a, b) => (settings.sort === "asc" ? a.value - b.value : b.value - a.value));
    return rows;
  };

  const fill = (plot: uPlot, at: number): boolean => {
    const rows = rowsAt(plot, at);
    if (rows.length === 0) return false;
    const most = Math.max(1, Math.floor((settings.maxHeight ?? USUAL_HEIGHT_PX) / ROW_PX) - 2);
    const near = rows.findIndex(({ series }) => series === focused);
    const start = rows.length <= most ? 0 : Math.max(0, Math.min(near - Math.floor(most / 2), rows.length - most));
    const list = node(css("rows"));
    for (const row of rows.slice(start, start + most)) {
      const swatch = node(css("swatch"));
      swatch.style.background = row.color;
      const line = node(row.series === focused ? css("row", "focused") : css("row"));
      line.append(swatch, node(css("name"), row.name), node(css("value"), row.text));
      list.append(line);
    }
    const time = plot.data[0][at];
    box.replaceChildren(node(css("time"), formatTime(time ?? 0, settings.zone, "YYYY-MM-DD HH:mm:ss")), list);
    if (rows.length > most) box.append(node(css("more"), `${rows.length - most} more`));
    return true;
  };

  const place = (plot: uPlot): void => {
    const { left = -1, top = -1, idx } = plot.cursor;
    const isOwn = plot.cursor.event != null;
    if (left < 0 || idx == null || !(isOwn || settings.isShared) || !fill(plot, idx)) {
      box.hidden = true;
      return;
    }
    box.hidden = false;
    const over = plot.over.getBoundingClientRect();
    putBeside(box, over.left + left, over.top + Math.max(0, top));
  };

  return {
    hooks: {
      // Above everything: a panel's edge does not cut it off.
      init: () => document.body.append(box),
      destroy: () => box.remove(),
      setSeries: (plot, index) => {
        focused = index;
        if (!box.hidden) place(plot);
      },
      setCursor: place,
    },
  };
}
