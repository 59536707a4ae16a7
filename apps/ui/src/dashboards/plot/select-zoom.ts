import type { ResolvedTimeRange } from "@narthex/dashboards";
import type uPlot from "uplot";

/** Narrower selections count as clicks. */
export const MIN_PX = 4;

/** Zooms to the times that were selected on a plot's axis, and removes the selection. */
export function zoomToSelection(plot: uPlot, onZoom: (range: ResolvedTimeRange) => void): void {
  const { left, width } = plot.select;
  if (width < MIN_PX) return;
  const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  // Without an event the plot follows the pointer of another one, which handles the selection.
  if (plot.cursor.event == null) return;
  onZoom({ from: Math.round(from), to: Math.round(to) });
}
