import type { PanelModule } from "../../contracts/panel-kind.ts";
import { HistogramPanel } from "./HistogramPanel.tsx";
import { countOptions, histogramOptions } from "./options.ts";

export const histogram: PanelModule = { Panel: HistogramPanel, options: histogramOptions, fieldOptions: countOptions };
