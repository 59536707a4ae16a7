import type { PanelModule } from "../../contracts/panel-kind.ts";
import { BarChartPanel } from "./BarChartPanel.tsx";
import { barChartOptions, barOptions } from "./options.ts";

export const barChart: PanelModule = { Panel: BarChartPanel, options: barChartOptions, fieldOptions: barOptions };
