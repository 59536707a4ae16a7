import { resolve } from "node:path";
import type { Feature } from "@narthex/http";
import { filesMark, pluginMark } from "@narthex/plugins";
import type { Clock } from "@narthex/runtime";
import type { Context } from "../context.ts";
import { panelPluginRoutes } from "./panel-plugin-routes.ts";
import { PluginRegistry } from "./plugin-registry.ts";

export interface Plugins extends Feature {
  readonly registry: PluginRegistry;
}

/** Time in ms between two looks at the files. */
const LOOK_MS = 500;

/** Reads the plugins of the folder `paths.plugins`. With `plugins.reload`, reads them again after each change. */
export function openPlugins(context: Context): Plugins {
  const { host, settings, logger, clock } = context;
  const folder = resolve(host.cwd, settings["paths.plugins"]);
  const written = settings["plugins.development"];
  const development = written === "" ? undefined : resolve(host.cwd, written);
  const registry = new PluginRegistry({ folder, clock, logger, ...(development !== undefined && { development }) });
  registry.load();
  const reloads = settings["plugins.reload"] || development !== undefined;
  const mark = (): string => filesMark(folder) + (development === undefined ? "" : `\n${pluginMark(development)}`);
  const stopWatching = reloads ? watchFiles(clock, mark, registry) : undefined;
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

/**
 * Reads the plugins again when their files have changed. Looks at the files at intervals, because a watch of the system
 * loses files that an editor replaces. Returns a function that ends this.
 */
function watchFiles(clock: Clock, markOf: () => string, registry: PluginRegistry): () => void {
  let seen = markOf();
  let cancel: () => void;
  const look = (): void => {
    const mark = markOf();
    if (mark !== seen) registry.load();
    seen = mark;
    cancel = clock.after(LOOK_MS, look);
  };
  cancel = clock.after(LOOK_MS, look);
  return () => cancel();
}
