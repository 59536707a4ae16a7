import { watch } from "node:fs";
import { resolve } from "node:path";
import type { Feature } from "@narthex/http";
import type { Context } from "../context.ts";
import { panelPluginRoutes } from "./panel-plugin-routes.ts";
import { PluginRegistry } from "./plugin-registry.ts";

export interface Plugins extends Feature {
  readonly registry: PluginRegistry;
}

/** Time in ms after a change of a file until the folder is read again. An editor writes a file in several steps. */
const SETTLED_MS = 200;

/** Reads the plugins of the folder `paths.plugins`. With `plugins.reload`, reads them again after each change. */
export function openPlugins(context: Context): Plugins {
  const { host, settings, logger, clock } = context;
  const folder = resolve(host.cwd, settings["paths.plugins"]);
  const registry = new PluginRegistry({ folder, clock, logger });
  registry.load();
  const reloads = settings["plugins.reload"];
  const stopWatching = reloads ? watchFolder(context, folder, registry) : undefined;
  return {
    name: "plugins",
    registry,
    routes({ app }) {
      panelPluginRoutes(app, registry, { reloads, allowsEmbedding: settings["security.allow_embedding"] });
    },
    async stop() {
      stopWatching?.();
      await registry.close();
    },
  };
}

function watchFolder({ clock, logger }: Context, folder: string, registry: PluginRegistry): () => void {
  let cancel: (() => void) | undefined;
  try {
    const watcher = watch(folder, { recursive: true, persistent: false }, () => {
      cancel?.();
      cancel = clock.after(SETTLED_MS, () => registry.load());
    });
    watcher.on("error", (error) => logger.warn("The folder of plugins is no longer watched", { folder, err: error }));
    return () => {
      cancel?.();
      watcher.close();
    };
  } catch (error) {
    logger.warn("The folder of plugins cannot be watched; create it and start again", { folder, err: error });
    return () => undefined;
  }
}
