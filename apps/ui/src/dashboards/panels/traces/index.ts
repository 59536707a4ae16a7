import type { PanelModule } from "../../contracts/panel-kind.ts";
import { tracesOptions } from "./options.ts";
import { TracesPanel } from "./TracesPanel.tsx";

export const traces: PanelModule = { Panel: TracesPanel, options: tracesOptions, fieldOptions: {} };
