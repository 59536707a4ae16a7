import type { PanelModule } from "../../contracts/panel-kind.ts";
import { LogsPanel } from "./LogsPanel.tsx";
import { logsOptions } from "./options.ts";

export const logs: PanelModule = { Panel: LogsPanel, options: logsOptions, fieldOptions: {} };
