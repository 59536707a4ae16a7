import type { PanelPlugin } from "@narthex/dashboards";
import { createElement } from "react";
import { whenLoaded } from "../../../shell/when-loaded.tsx";
import type { DrawnKind, PanelModule } from "../../contracts/panel-kind.ts";
import { fetchPanelPlugins } from "./panel-plugins-api.ts";
import { setPluginKinds } from "./plugin-kinds.ts";

let asked: Promise<void> | undefined;

/** Asks the server for its plugins, once. Pages call this only for a panel whose type is not built in, and in editors. */
export function loadPluginKinds(): Promise<void> {
  asked ??= (async () => {
    try {
      const { plugins } = await fetchPanelPlugins();
      setPluginKinds(plugins.map(kindOf));
    } catch {
      // Ignores the error: the panel shows that its type is unknown. The next such panel asks again.
      asked = undefined;
    }
  })();
  return asked;
}

function kindOf(plugin: PanelPlugin): DrawnKind {
  const load = async (): Promise<PanelModule> => (await import("./plugin-module.tsx")).pluginModule(plugin);
  return {
    id: plugin.id,
    name: plugin.name,
    description: plugin.description,
    isFed: true,
    load,
    Panel: whenLoaded(
      async () => ({ default: (await load()).Panel }),
      createElement("span", { hidden: true, "data-panel-drawing": true }),
    ),
  };
}
