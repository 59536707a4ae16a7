import { choice, number, type OptionsOf, raw, toggle } from "../../contracts/option-table.ts";
import { textModeOption } from "../stat/options.ts";
import { positive, reduceOptions, textSizeOptions } from "../values/options.ts";

/** Option for the size of gauges and bars: automatic, or set by the user. */
export const sizingOption = choice("sizing", "Size", { auto: "Auto", manual: "Manual" }, "auto");

const isManual = ({ sizing }: Readonly<Record<string, unknown>>): boolean => sizing === "manual";

export const gaugeOptions = {
  ...reduceOptions,
  shape: choice("shape", "Style", { gauge: "Arc", circle: "Circle" }, "gauge"),
  barWidth: number("barWidthFactor", "Bar width", 0.5, { min: 0.1, max: 1 }),
  segments: number("segmentCount", "Segments", 1, { min: 1, max: 100, integer: true }),
  segmentSpacing: number("segmentSpacing", "Segment spacing", 0.3, {
    min: 0,
    max: 1,
    isShown: ({ segments }) => Number(segments) > 1,
  }),
  barShape: choice("barShape", "Bar ends", { flat: "Flat", rounded: "Rounded" }, "flat"),
  endpoint: choice("endpointMarker", "Endpoint marker", { point: "Point", glow: "Glow", none: "None" }, "none", {
    isShown: ({ barShape }) => barShape === "rounded",
  }),
  // The effects are off by default, because dashboards of older Grafana versions have no options for them and no
  // effects.
  isGradient: toggle("effects.gradient", "Gradient", false),
  hasBarGlow: toggle("effects.barGlow", "Bar glow", false),
  hasCenterGlow: toggle("effects.centerGlow", "Center glow", false),
  hasSparkline: toggle("sparkline", "Sparkline", false),
  textMode: textModeOption,
  showsThresholds: toggle("showThresholdMarkers", "Show threshold markers", true),
  showsLabels: toggle("showThresholdLabels", "Show threshold labels", false),
  neutral: raw<number | undefined>(
    "neutral",
    (value) => (typeof value === "number" && Number.isFinite(value) ? value : undefined),
    undefined,
  ),
  sizing: sizingOption,
  minWidth: { ...positive("minVizWidth", 75), isShown: isManual },
  minHeight: { ...positive("minVizHeight", 75), isShown: isManual },
  ...textSizeOptions,
};
export type GaugeOptions = OptionsOf<typeof gaugeOptions>;
