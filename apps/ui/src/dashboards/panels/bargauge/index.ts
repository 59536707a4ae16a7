import type { PanelModule } from "../../contracts/panel-kind.ts";
import { hideOptions } from "../timeseries/options.ts";
import { BarGaugePanel } from "./BarGaugePanel.tsx";
import { barGaugeOptions } from "./options.ts";

export const barGauge: PanelModule = {
  Panel: BarGaugePanel,
  options: barGaugeOptions,
  fieldOptions: { isHiddenInPlot: hideOptions.isHiddenInPlot },
};
