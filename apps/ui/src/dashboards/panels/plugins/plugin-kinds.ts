import type { PanelPlugin } from "@narthex/dashboards";
import { createElement, useSyncExternalStore } from "react";
import { whenLoaded } from "../../../shell/when-loaded.tsx";
import type { DrawnKind, PanelModule } from "../../contracts/panel-kind.ts";

let kinds: readonly DrawnKind[] = [];
let asked: Promise<void> | undefined;
const listeners = new Set<() => void>();

/** Returns the panel type that a plugin of the server adds; undefined if the plugins are not loaded. */
export const pluginKindOf = (type: string): DrawnKind | undefined => kinds.find(({ id }) => id === type);

/** Asks the server for its plugins, once. Pages call this only for a panel whose type is not built in, and in editors. */
export function loadPluginKinds(): Promise<void> {
  asked ??= (async () => {
    try {
      const { fetchPanelPlugins } = await import("./panel-plugins-api.ts");
      const { plugins } = await fetchPanelPlugins();
      kinds = plugins.map(kindOf);
      for (const listener of listeners) listener();
    } catch {
      // Ignores the error: the panel shows that its type is unknown. The next such panel asks again.
      asked = undefined;
    }
  })();
  return asked;
}

/** Returns the panel types of plugins, and renders the component again when they have been loaded. */
export const usePluginKinds = (): readonly DrawnKind[] => useSyncExternalStore(watch, () => kinds);

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
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
