import type { PanelModule } from "../../contracts/panel-kind.ts";
import { hideOptions } from "../timeseries/options.ts";
import { GaugePanel } from "./GaugePanel.tsx";
import { gaugeOptions } from "./options.ts";

export const gauge: PanelModule = {
  Panel: GaugePanel,
  options: gaugeOptions,
  fieldOptions: { isHiddenInPlot: hideOptions.isHiddenInPlot },
};
