import type { ResolvedTimeRange } from "@narthex/dashboards";
import type uPlot from "uplot";

/** Minimum width of a selection, pixels. A narrower selection counts as a click. */
export const MIN_PX = 4;

/** Zooms to the time range that the user selected on a plot, and removes the selection. */
export function zoomToSelection(plot: uPlot, onZoom: (range: ResolvedTimeRange) => void): void {
  const { left, width } = plot.select;
  if (width < MIN_PX) return;
  const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  // Ignores a selection that the user makes on another plot and that this plot only mirrors. The other plot zooms.
  if (plot.cursor.event == null) return;
  onZoom({ from: Math.round(from), to: Math.round(to) });
}
