import type { PanelModule } from "../../contracts/panel-kind.ts";
import { pointOptions, xyChartOptions } from "./options.ts";
import { XYChartPanel } from "./XYChartPanel.tsx";

export const xyChart: PanelModule = { Panel: XYChartPanel, options: xyChartOptions, fieldOptions: pointOptions };
