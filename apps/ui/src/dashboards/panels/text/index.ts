import type { PanelModule } from "../../contracts/panel-kind.ts";
import { textOptions } from "./options.ts";
import { TextPanel } from "./TextPanel.tsx";

export const text: PanelModule = { Panel: TextPanel, options: textOptions, fieldOptions: {} };
