import type { PanelModule } from "../../contracts/panel-kind.ts";
import { DashboardListPanel } from "./DashboardListPanel.tsx";
import { dashboardListOptions } from "./options.ts";

export const dashboardList: PanelModule = {
  Panel: DashboardListPanel,
  options: dashboardListOptions,
  fieldOptions: {},
};
