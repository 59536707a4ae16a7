import type { PanelModule } from "../../contracts/panel-kind.ts";
import { rowOptions } from "../timeline/options.ts";
import { statusHistoryOptions } from "./options.ts";
import { StatusHistoryPanel } from "./StatusHistoryPanel.tsx";

export const statusHistory: PanelModule = {
  Panel: StatusHistoryPanel,
  options: statusHistoryOptions,
  fieldOptions: rowOptions,
};
