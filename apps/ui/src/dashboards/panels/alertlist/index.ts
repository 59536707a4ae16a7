import type { PanelModule } from "../../contracts/panel-kind.ts";
import { AlertListPanel } from "./AlertListPanel.tsx";
import { alertListOptions } from "./options.ts";

export const alertList: PanelModule = { Panel: AlertListPanel, options: alertListOptions, fieldOptions: {} };
