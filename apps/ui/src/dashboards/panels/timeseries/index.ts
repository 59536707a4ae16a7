import type { PanelModule } from "../../contracts/panel-kind.ts";
import { seriesOptions, timeSeriesOptions } from "./options.ts";
import { TimeSeriesPanel } from "./TimeSeriesPanel.tsx";

export const timeSeries: PanelModule = {
  Panel: TimeSeriesPanel,
  options: timeSeriesOptions,
  fieldOptions: seriesOptions,
};
