import type uPlot from "uplot";
import { pointerOf, TooltipBox, tooltipHead, tooltipLine, tooltipLines, tooltipNote } from "../../plot/tooltip-box.ts";

/** A tooltip line: the value of one series at the pointer's position. */
export interface TooltipRow {
  /** uPlot's index of the series. */
  readonly series: number;
  readonly name: string;
  readonly color: string;
  /** Returns the formatted value. Called only for visible lines, because there may be many series. */
  readonly text: () => string;
  readonly value: number;
}

export interface TooltipSettings {
  readonly mode: "single" | "multi";
  readonly sort: "none" | "asc" | "desc";
  readonly hidesZeros: boolean;
  /** Maximum height of the tooltip in CSS pixels. Lines that do not fit are omitted, and a note states their number. */
  readonly maxHeight: number | undefined;
  /** Returns the heading of the tooltip for a position on the shared axis. */
  readonly headOf: (position: number) => string;
  /** Whether the tooltip also appears while the pointer is over another plot. */
  readonly isShared: boolean;
  /** Returns the tooltip line of a series at an index of the common times, or undefined if it is hidden. */
  readonly rowAt: (series: number, at: number) => TooltipRow | undefined;
}

const ROW_PX = 18;
const USUAL_HEIGHT_PX = 420;

/**
 * uPlot plugin with a tooltip for the values at the pointer. If shared, it also follows the pointer on other panels.
 */
export function tooltipPlugin(settings: TooltipSettings): uPlot.Plugin {
  const box = new TooltipBox();
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

  const contents = (plot: uPlot, at: number): readonly HTMLElement[] => {
    const rows = rowsAt(plot, at);
    if (rows.length === 0) return [];
    const most = Math.max(1, Math.floor((settings.maxHeight ?? USUAL_HEIGHT_PX) / ROW_PX) - 2);
    const near = rows.findIndex(({ series }) => series === focused);
    const start = rows.length <= most ? 0 : Math.max(0, Math.min(near - Math.floor(most / 2), rows.length - most));
    const lines = rows
      .slice(start, start + most)
      .map(({ series, name, color, text }) =>
        tooltipLine({ name, color, text: text(), isFocused: series === focused }),
      );
    const more = rows.length > most ? [tooltipNote(`${rows.length - most} more`)] : [];
    return [tooltipHead(settings.headOf(plot.data[0][at] ?? 0)), tooltipLines(lines), ...more];
  };

  let [isAwaited, isDestroyed] = [false, false];
  /**
   * Update the tooltip at the end of the event loop turn, because one pointer move may change both the focused series
   * and the position.
   */
  const update = (plot: uPlot): void => {
    if (isAwaited) return;
    isAwaited = true;
    queueMicrotask(() => {
      isAwaited = false;
      if (isDestroyed) return;
      const { idx } = plot.cursor;
      const isThere = idx != null && pointerOf(plot, settings.isShared) !== undefined;
      box.show(plot, isThere ? contents(plot, idx) : []);
    });
  };

  return {
    hooks: {
      init: () => box.attach(),
      destroy: () => {
        isDestroyed = true;
        box.remove();
      },
      setSeries: (plot, index) => {
        focused = index;
        if (box.isShown) update(plot);
      },
      setCursor: update,
    },
  };
}
