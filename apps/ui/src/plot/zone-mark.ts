import type uPlot from "uplot";
import { shortOffsetText } from "../shell/time-zone.ts";
import { axisFont, type PlotTheme } from "./plot-theme.ts";

/** Distance of the name from the left edge of the chart, or of the plot, CSS pixels. */
const MARGIN_PX = 3;
/** Room to the right of the name, for the half of the first time that is left of the plot, CSS pixels. */
const FIRST_LABEL_PX = 14;
/** Distance of the times from the plot, CSS pixels. */
const LABEL_TOP_PX = 10;

/**
 * Names the time zone at the left end of the time axis, below the value axis. If the value axis is too narrow for the
 * name, the name is in the lower left corner of the plot. So the name takes no room.
 */
export function zoneMark(zone: string, theme: Pick<PlotTheme, "text">): uPlot.Plugin {
  return {
    hooks: {
      drawAxes: (plot) => {
        const { ctx, bbox } = plot;
        const { max } = plot.scales["x"] ?? {};
        if (max == null) return;
        const scale = devicePixelRatio;
        const name = shortOffsetText(zone, max);
        ctx.save();
        ctx.font = axisFont.replace("12px", `${10 * scale}px`);
        ctx.fillStyle = theme.text;
        ctx.textAlign = "left";
        const isBelow = ctx.measureText(name).width + (MARGIN_PX + FIRST_LABEL_PX) * scale <= bbox.left;
        ctx.textBaseline = isBelow ? "top" : "bottom";
        const bottom = bbox.top + bbox.height;
        if (isBelow) ctx.fillText(name, MARGIN_PX * scale, bottom + LABEL_TOP_PX * scale);
        else ctx.fillText(name, bbox.left + MARGIN_PX * scale, bottom - MARGIN_PX * scale);
        ctx.restore();
      },
    },
  };
}
