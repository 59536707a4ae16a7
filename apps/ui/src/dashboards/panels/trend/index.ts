import type { PanelModule } from "../../contracts/panel-kind.ts";
import { seriesOptions } from "../timeseries/options.ts";
import { trendOptions } from "./options.ts";
import { TrendPanel } from "./TrendPanel.tsx";

export const trend: PanelModule = { Panel: TrendPanel, options: trendOptions, fieldOptions: seriesOptions };
