import type { Thresholds } from "@narthex/dashboards";
import uPlot from "uplot";
import { isolatedIndexes } from "../../../plot/isolated-indexes.ts";
import type { FieldView } from "../../contracts/field-view.ts";
import { withOpacity } from "../../../plot/plot-theme.ts";
import type { SeriesOptions } from "./options.ts";

const DOTS = [0, 6];
const DASHES = [10, 10];
/** Number of colour stops of a gradient that shows the colour of each value. */
const SCHEME_STOPS = 48;

const pathsOf = (options: SeriesOptions): uPlot.Series.PathBuilder => {
  const { linear, spline, stepped, bars } = uPlot.paths;
  if (options.drawStyle === "points") return () => null;
  if (options.drawStyle === "bars") {
    return bars!({ size: [options.barWidthFactor, options.barMaxWidth, 1], align: options.barAlignment });
  }
  switch (options.interpolation) {
    case "smooth":
      return spline!();
    case "stepAfter":
      return stepped!({ align: 1 });
    case "stepBefore":
      return stepped!({ align: -1 });
    default:
      return linear!();
  }
};

/** Returns a canvas gradient that gives each position on a scale the colour of the value there. */
function schemeGradient(plot: uPlot, scale: string, colorOf: (value: number) => string): CanvasGradient | string {
  const { min, max } = plot.scales[scale] ?? {};
  if (min == null || max == null || !(max > min)) return colorOf(min ?? 0);
  const bottom = plot.valToPos(min, scale, true);
  const top = plot.valToPos(max, scale, true);
  if (![bottom, top].every(Number.isFinite) || bottom === top) return colorOf(min);
  const gradient = plot.ctx.createLinearGradient(0, bottom, 0, top);
  for (let stop = 0; stop <= SCHEME_STOPS; stop++) {
    const share = stop / SCHEME_STOPS;
    gradient.addColorStop(share, colorOf(plot.posToVal(bottom + (top - bottom) * share, scale, true)));
  }
  return gradient;
}

function fill(view: FieldView, options: SeriesOptions, scale: string): uPlot.Series.Fill | undefined {
  const opacity = options.fillOpacity / 100;
  if (options.drawStyle === "points") return undefined;
  if (options.gradientMode === "none") return opacity === 0 ? undefined : withOpacity(view.color, opacity);
  if (options.gradientMode === "scheme") {
    return opacity === 0
      ? undefined
      : (plot) => schemeGradient(plot, scale, (value) => withOpacity(view.colorOf(value), opacity));
  }
  const share = Math.max(opacity, options.gradientMode === "hue" ? 0 : 0.1);
  return (plot) => {
    const { top, height } = plot.bbox;
    const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
    gradient.addColorStop(0, withOpacity(view.color, share));
    gradient.addColorStop(1, withOpacity(view.color, options.gradientMode === "hue" ? share * 0.4 : 0));
    return gradient;
  };
}

/** Returns the options of a series for uPlot. */
export function seriesStyle(view: FieldView, options: SeriesOptions, scale: string, isShown: boolean): uPlot.Series {
  const { drawStyle, lineWidth, lineFill, lineDash, pointsShown, pointSize, gradientMode } = options;
  const color = options.lineColor === "" ? view.color : options.lineColor;
  const area = fill(view, options, scale);
  const isDotted = lineFill === "dot";
  const dash = lineFill === "solid" ? undefined : [...(lineDash ?? (isDotted ? DOTS : DASHES))];
  const isPoints = drawStyle === "points";
  return {
    scale,
    show: isShown,
    stroke: gradientMode === "scheme" ? (plot) => schemeGradient(plot, scale, (value) => view.colorOf(value)) : color,
    width: isPoints ? 0 : lineWidth,
    paths: pathsOf(options),
    spanGaps: false,
    ...(area === undefined ? {} : { fill: area }),
    ...(dash === undefined ? {} : { dash, cap: isDotted ? "round" : "butt" }),
    points: {
      size: pointSize,
      stroke: color,
      fill: color,
      ...(isPoints || pointsShown === "always" ? { show: true } : {}),
      ...(drawStyle === "bars" || pointsShown === "never" ? { show: false } : {}),
      filter: (plot, series, isDense) => {
        if (isDense || pointsShown === "never" || drawStyle === "bars") return null;
        const [from, to] = plot.series[series]?.idxs ?? [0, -1];
        return isolatedIndexes(plot.data[series] ?? [], from ?? 0, to ?? -1);
      },
    },
  };
}

/** Draws thresholds as lines and as filled areas, behind or in front of the series. */
export function thresholdPlugin(
  thresholds: Thresholds,
  style: SeriesOptions["thresholdsStyle"],
  scale: string,
  range: { readonly min: number | undefined; readonly max: number | undefined },
  cssColor: (color: string) => string,
): uPlot.Plugin {
  const valueOf = (plot: uPlot, value: number): number => {
    if (thresholds.mode === "absolute") return value;
    const { min, max } = plot.scales[scale] ?? {};
    const [low, high] = [range.min ?? min ?? 0, range.max ?? max ?? 100];
    return low + ((high - low) * value) / 100;
  };
  const yOf = (plot: uPlot, value: number): number => {
    const at = plot.valToPos(value, scale, true);
    return Math.min(plot.bbox.top + plot.bbox.height, Math.max(plot.bbox.top, Number.isFinite(at) ? at : Infinity));
  };
  const areas = (plot: uPlot): void => {
    const { ctx, bbox } = plot;
    ctx.save();
    thresholds.steps.forEach(({ value, color }, index) => {
      const next = thresholds.steps[index + 1];
      const bottom = value === -Infinity ? bbox.top + bbox.height : yOf(plot, valueOf(plot, value));
      const top = next === undefined ? bbox.top : yOf(plot, valueOf(plot, next.value));
      if (color === "transparent" || bottom <= top) return;
      ctx.fillStyle = withOpacity(cssColor(color), 0.15);
      ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    });
    ctx.restore();
  };
  const lines = (plot: uPlot): void => {
    const { ctx, bbox } = plot;
    const { min = -Infinity, max = Infinity } = plot.scales[scale] ?? {};
    ctx.save();
    ctx.lineWidth = 2 * devicePixelRatio;
    if (style.startsWith("dashed")) ctx.setLineDash([10 * devicePixelRatio, 10 * devicePixelRatio]);
    for (const { value, color } of thresholds.steps) {
      const at = valueOf(plot, value);
      if (value === -Infinity || at < (min ?? -Infinity) || at > (max ?? Infinity)) continue;
      const y = Math.round(plot.valToPos(at, scale, true));
      ctx.strokeStyle = withOpacity(cssColor(color), 0.7);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    ctx.restore();
  };
  return {
    hooks: {
      drawClear: (plot) => {
        if (style.includes("area")) areas(plot);
      },
      draw: (plot) => {
        if (style.includes("line") || style.includes("dashed")) lines(plot);
      },
    },
  };
}
