import type { PanelModule } from "../../contracts/panel-kind.ts";
import { columnOptions, tableOptions } from "./options.ts";
import { TablePanel } from "./TablePanel.tsx";

export const table: PanelModule = { Panel: TablePanel, options: tableOptions, fieldOptions: columnOptions };
