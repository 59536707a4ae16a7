import type { PanelModule } from "../../contracts/panel-kind.ts";
import { NodeGraphPanel } from "./NodeGraphPanel.tsx";
import { nodeGraphOptions } from "./options.ts";

export const nodeGraph: PanelModule = { Panel: NodeGraphPanel, options: nodeGraphOptions, fieldOptions: {} };
