import type { PanelModule } from "../../contracts/panel-kind.ts";
import { heatFieldOptions, heatmapOptions } from "./options.ts";
import { HeatmapPanel } from "./HeatmapPanel.tsx";

export const heatmap: PanelModule = {
  Panel: HeatmapPanel,
  options: heatmapOptions,
  fieldOptions: heatFieldOptions,
};
