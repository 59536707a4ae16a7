import type { PanelModule } from "../../contracts/panel-kind.ts";
import { GeomapPanel } from "./GeomapPanel.tsx";
import { geomapOptions } from "./options.ts";

export const geomap: PanelModule = { Panel: GeomapPanel, options: geomapOptions, fieldOptions: {} };
