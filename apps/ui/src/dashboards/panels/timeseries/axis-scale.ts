import type { NumericField } from "@narthex/dashboards";
import type { ScaleSettings } from "../../plot/value-scale.ts";
import type { OptionsOf } from "../../contracts/option-table.ts";
import type { axisOptions } from "./options.ts";

export const axisScale = (
  { config }: NumericField,
  options: OptionsOf<typeof axisOptions>,
  seriesColor: string,
  isPercent = false,
): ScaleSettings => ({
  unit: config.unit ?? "",
  placement: options.axisPlacement,
  label: options.axisLabel,
  min: config.min,
  max: config.max,
  softMin: options.axisSoftMin,
  softMax: options.axisSoftMax,
  decimals: config.decimals,
  isCentered: options.isAxisCentered,
  distribution: options.scaleType,
  logBase: options.scaleLog,
  linearThreshold: options.scaleThreshold,
  isGridShown: options.isGridShown,
  isBorderShown: options.isAxisBorderShown,
  width: options.axisWidth,
  isPercent,
  color: options.axisColorMode === "series" ? seriesColor : undefined,
});
