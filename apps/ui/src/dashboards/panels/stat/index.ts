import type { PanelModule } from "../../contracts/panel-kind.ts";
import { hideOptions } from "../timeseries/options.ts";
import { statOptions } from "./options.ts";
import { StatPanel } from "./StatPanel.tsx";

export const stat: PanelModule = {
  Panel: StatPanel,
  options: statOptions,
  fieldOptions: { isHiddenInPlot: hideOptions.isHiddenInPlot },
};
