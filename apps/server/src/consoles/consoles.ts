import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { prometheusFunctions } from "@narthex/template";
import type { Context } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import { type ConsoleLane, consoleRoute } from "./console-route.ts";
import { userAssets } from "./user-assets.ts";

export interface ConsolesFeature extends ServerFeature {
  /** Returns the target of the UI's link to consoles, relative to the external URL. Empty if there are no consoles. */
  link(): string;
}

const functionNames = (): readonly string[] =>
  Object.keys(prometheusFunctions({ time: 0, externalUrl: "", query: () => [] }));

/** Adds the pages that users provide: console templates at `/consoles/`, and static files at `/user/`. */
export function openConsoles(context: Context, lane: ConsoleLane): ConsolesFeature {
  const { host, flags } = context;
  const templates = flags["web.console.templates"];
  const assets = flags["web.user-assets"];
  const hasIndex = (folder: string): boolean => {
    try {
      return statSync(join(resolve(host.cwd, folder), "index.html"), { throwIfNoEntry: false }) !== undefined;
    } catch {
      // Shows no link in the UI if the folder of console templates cannot be read.
      return false;
    }
  };
  return {
    name: "consoles",
    stop: () => undefined,
    link() {
      if (hasIndex(templates)) return "/consoles/index.html";
      return assets !== "" && hasIndex(assets) ? "/user/index.html" : "";
    },
    features: { templating_functions: Object.fromEntries(functionNames().map((name) => [name, true])) },
    routes: {
      rootWhenReady: (app) => consoleRoute(app, { context, lane }),
      async root(app) {
        if (assets !== "") await userAssets(app, resolve(host.cwd, assets));
      },
    },
  };
}
