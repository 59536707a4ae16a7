import type { PanelPlugin } from "@narthex/dashboards";
import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

/** The plugins for panels of the server, and whether the server reads them again after a change. */
export interface PanelPlugins {
  readonly plugins: readonly PanelPlugin[];
  readonly reloads: boolean;
}

export const fetchPanelPlugins = (signal?: AbortSignal): Promise<PanelPlugins> =>
  fetchJson(`${rootPath}/api/narthex/panel-plugins`, signal === undefined ? {} : { signal });

/** Returns the address of the frame in which a plugin runs. */
export const frameAddress = ({ id, revision }: Pick<PanelPlugin, "id" | "revision">): string =>
  `${rootPath}/api/narthex/panel-plugins/${encodeURIComponent(id)}/frame?revision=${revision}`;
