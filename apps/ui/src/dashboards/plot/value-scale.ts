import { tickSteps, tickTexts } from "@narthex/dashboards";
import uPlot from "uplot";
import { ARC_SINH, BOTTOM, LOGARITHMIC, TOP } from "./uplot-enums.ts";
import { axisFont, type PlotTheme, textWidth } from "../../plot/plot-theme.ts";

export interface ScaleSettings {
  readonly unit: string;
  readonly placement: "auto" | "left" | "right" | "hidden";
  readonly label: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly softMin: number | undefined;
  readonly softMax: number | undefined;
  readonly decimals: number | undefined;
  readonly isCentered: boolean;
  readonly distribution: "linear" | "log" | "symlog";
  readonly logBase: 2 | 10;
  readonly linearThreshold: number;
  /** Whether the axis has grid lines. If undefined, only the first axis of a plot has them. */
  readonly isGridShown: boolean | undefined;
  readonly isBorderShown: boolean;
  /** Width of the axis, pixels. If undefined, the axis is as wide as its labels. */
  readonly width: number | undefined;
  /** Whether values are shares of 1, which are shown as percentages. */
  readonly isPercent: boolean;
  /** Colour of the axis, if the axis has the colour of its series. */
  readonly color: string | undefined;
}

/** Returns the key of a scale in uPlot. Series with equal settings for range, position and label share an axis. */
export function scaleKey(settings: ScaleSettings): string {
  const { unit, placement, label, min, max, softMin, softMax, distribution, logBase, linearThreshold } = settings;
  const steps = distribution === "linear" ? [] : [logBase, ...(distribution === "symlog" ? [linearThreshold] : [])];
  return JSON.stringify([
    unit,
    placement,
    label,
    min,
    max,
    softMin,
    softMax,
    settings.isPercent,
    distribution,
    ...steps,
  ]);
}

const PAD = 0.1;

/** Returns the range of a value axis for the smallest and the largest value of its series. */
export function scaleRange(
  settings: ScaleSettings,
  low: number | null | undefined,
  high: number | null | undefined,
): [number, number] {
  const { min, max, softMin, softMax, isCentered, distribution, logBase, isPercent } = settings;
  let [bottom, top] = [low ?? NaN, high ?? NaN];
  if (!Number.isFinite(bottom) || !Number.isFinite(top)) [bottom, top] = [min ?? softMin ?? 0, max ?? softMax ?? 1];
  if (distribution === "log") {
    const from = min ?? bottom;
    const to = max ?? top;
    const [start, end] = uPlot.rangeLog(from > 0 ? from : Math.min(to > 0 ? to : 1, 1), to > 0 ? to : 1, logBase, true);
    return [min !== undefined && min > 0 ? min : start!, max !== undefined && max > 0 ? max : end!];
  }
  if (distribution === "symlog") {
    const [start, end] = uPlot.rangeAsinh(min ?? bottom, max ?? top, logBase, true);
    return [min ?? start!, max ?? end!];
  }
  if (isPercent) return [min ?? (bottom < 0 ? -1 : 0), max ?? (top > 0 || bottom >= 0 ? 1 : 0)];
  const [start, end] = uPlot.rangeNum(bottom, top, {
    min: { pad: PAD, hard: min ?? -Infinity, soft: softMin ?? 0, mode: softMin === undefined ? 3 : 1 },
    max: { pad: PAD, hard: max ?? Infinity, soft: softMax ?? 0, mode: softMax === undefined ? 3 : 1 },
  }) as [number, number];
  if (isCentered && min === undefined && max === undefined) {
    const reach = Math.max(Math.abs(start), Math.abs(end)) || 1;
    return [-reach, reach];
  }
  const from = min ?? start;
  const to = max ?? end;
  return to > from ? [from, to] : [from, from + (Math.abs(from) * PAD || 1)];
}

export function valueScale(settings: ScaleSettings): uPlot.Scale {
  const { distribution, logBase, linearThreshold } = settings;
  return {
    auto: true,
    ...(distribution === "log" ? { distr: LOGARITHMIC, log: logBase } : {}),
    ...(distribution === "symlog" ? { distr: ARC_SINH, log: logBase, asinh: linearThreshold } : {}),
    range: (_plot, low, high) => scaleRange(settings, low, high),
  };
}

export function valueAxis(
  settings: ScaleSettings,
  side: uPlot.Axis.Side,
  format: (value: number, decimals?: number) => string,
  theme: PlotTheme,
  isFirst: boolean,
): uPlot.Axis {
  const stroke = settings.color ?? theme.text;
  const steps = settings.distribution === "linear" ? tickSteps(settings.unit) : undefined;
  return {
    scale: scaleKey(settings),
    side,
    stroke,
    font: axisFont,
    gap: 5,
    grid: { show: settings.isGridShown ?? isFirst, stroke: theme.grid, width: 1 },
    ticks: { show: settings.isBorderShown, stroke: theme.grid, width: 1, size: 4 },
    border: { show: settings.isBorderShown, stroke, width: 1 },
    ...(settings.label === "" ? {} : { label: settings.label, labelFont: axisFont, labelSize: 18, labelGap: 0 }),
    space: (plot) => (plot.height < 120 ? 20 : 34),
    size: (_plot, labels) => {
      if (settings.width !== undefined && settings.width > 0) return settings.width;
      return Math.ceil((labels ?? []).map((label) => textWidth(label ?? "")).reduce((a, b) => Math.max(a, b), 18)) + 12;
    },
    ...(settings.distribution === "linear" ? {} : { filter: sparseTicks }),
    ...(steps === undefined ? {} : { incrs: [...steps] }),
    values: (_plot, ticks) => {
      if (settings.decimals !== undefined) return ticks.map((tick) => format(tick, settings.decimals));
      // Ticks that get a label. `sparseTicks` replaces the others by null.
      const labelled = ticks.filter((tick) => tick !== null);
      const texts = tickTexts(labelled, format);
      return ticks.map((tick) => (tick === null ? "" : texts[labelled.indexOf(tick)]!));
    },
  };
}

/** If a logarithmic axis has too many labels, keeps only the labels that are powers of its base. */
function sparseTicks(plot: uPlot, ticks: number[], axis: number, _space: number): (number | null)[] {
  const { side } = plot.axes[axis] ?? {};
  const room = side === BOTTOM || side === TOP ? plot.width / 60 : plot.bbox.height / devicePixelRatio / 20;
  if (ticks.length <= room) return ticks;
  const base = plot.scales[plot.axes[axis]?.scale ?? ""]?.log ?? 10;
  return ticks.map((tick) => {
    const power = Math.log(Math.abs(tick)) / Math.log(base);
    return tick === 0 || Math.abs(power - Math.round(power)) < 1e-9 ? tick : null;
  });
}
