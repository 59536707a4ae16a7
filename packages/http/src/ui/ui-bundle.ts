import { dirname } from "node:path";
import { type BuildOptions, ensureBuiltFolder } from "../checkout/built-folder.ts";

const VITE = "node_modules/vite/bin/vite.js";
/** Of the app's folder; what dashboards are made of it takes from a package. */
const SOURCES = [
  "src",
  "public",
  "build",
  "index.html",
  "vite.config.ts",
  "package.json",
  "../../packages/dashboards/src",
];

/**
 * Builds the UI when a checkout's bundle is missing or older than its sources. Never rejects.
 *
 * @param folder the bundle's folder (`uiFolder`)
 */
export const ensureUiBundle = (folder: string, options: BuildOptions): Promise<void> =>
  ensureBuiltFolder(
    folder,
    {
      name: "user interface",
      app: dirname(folder),
      sources: SOURCES,
      needs: ["src", VITE],
      command: (out) => [VITE, "build", "--outDir", out, "--emptyOutDir", "--logLevel", "error"],
    },
    options,
  );
