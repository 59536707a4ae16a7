import type { PanelModule } from "../../contracts/panel-kind.ts";
import { pieChartOptions, sliceOptions } from "./options.ts";
import { PieChartPanel } from "./PieChartPanel.tsx";

export const pieChart: PanelModule = { Panel: PieChartPanel, options: pieChartOptions, fieldOptions: sliceOptions };
